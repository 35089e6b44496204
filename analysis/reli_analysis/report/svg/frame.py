"""The frame that all charts over time share: ground, axes, marks; the inside is drawn by others.

A chart's SVG has no viewBox: its width is that of the page, so text keeps its size at any width.
Only what lies inside, in a system of its own, is stretched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import escape

from reli_analysis.report.svg.ground import backdrop, event_lines, time_ticks, window_bar
from reli_analysis.report.svg.shapes import Y_PER_PX

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.report.marks import Mark
    from reli_analysis.report.svg.value_axis import ValueAxis
    from reli_analysis.series import Run

BELOW_PX = 24
_BAR_PX = 4


@dataclass(frozen=True)
class Frame:
    """What is around the inside of one chart; ``marks`` names the set of event marks to use."""

    grid: TimeGrid
    axis: ValueAxis
    height_px: int
    marks: str
    description: str


def definitions(run: Run, grid: TimeGrid, marks: Mapping[str, Sequence[Mark]]) -> str:
    """What charts use by reference; ``marks`` are the sets of event marks by name."""
    sets = "".join(
        f'<g id="marks-{name}">{event_lines(some, grid)}</g>' for name, some in marks.items()
    )
    return (
        '<svg class="definitions" width="0" height="0" aria-hidden="true"><defs>'
        f'<g id="backdrop">{backdrop(run, grid)}</g><g id="windows">{window_bar(run, grid)}</g>'
        f'{sets}<g id="clock">{_clock(grid)}</g></defs></svg>'
    )


def framed(frame: Frame, inside: str, over: str = "", beside: str = "", under: str = "") -> str:
    """The chart: ``inside`` in the coordinates of ``shapes``, the rest in pixels and percent.

    ``under`` lies below the marks of events; only ``beside`` is not cut off at the edges.
    """
    height, steps = frame.height_px, 2 * frame.grid.steps
    return (
        f'<svg class="plot" height="{height + BELOW_PX}" role="img" '
        f'aria-label="{escape(frame.description)}">'
        f'<svg class="inside" width="100%" height="{height}"><use href="#backdrop"/>{under}'
        f'{_lines(frame)}<use href="#marks-{frame.marks}"/>'
        f'<svg width="100%" height="{height}" viewBox="0 0 {steps} {height * Y_PER_PX}" '
        f'preserveAspectRatio="none">{inside}</svg>{over}</svg>'
        f'{_values(frame)}{beside}<svg y="{height + 1}" width="100%" height="{_BAR_PX}">'
        f'<use href="#windows"/></svg><svg class="below" y="{height}" width="100%" '
        f'height="{BELOW_PX}"><use href="#clock"/></svg></svg>'
    )


def y_px(frame: Frame, value: float) -> str:
    return f"{(1 - frame.axis.height(value)) * frame.height_px:.1f}"


def _lines(frame: Frame) -> str:
    heights = (y_px(frame, value) for value, _ in frame.axis.ticks())
    return "".join(f'<line class="grid" x2="100%" y1="{y}" y2="{y}"/>' for y in heights)


def _values(frame: Frame) -> str:
    return "".join(
        f'<text class="value" x="-6" y="{y_px(frame, value)}" dy=".35em">{escape(text)}</text>'
        for value, text in frame.axis.ticks()
    )


def _clock(grid: TimeGrid) -> str:
    """The marks of the axis of time; every second one gives way where the page is narrow."""
    parts = []
    for at, (x, text) in enumerate(time_ticks(grid)):
        minor = " minor" if at % 2 else ""
        parts.append(
            f'<line class="tick" x1="{x}" x2="{x}" y1="{_BAR_PX + 1}" y2="{_BAR_PX + 5}"/>'
            f'<text class="time{minor}" x="{x}" y="{BELOW_PX - 3}">{text}</text>'
        )
    return "".join(parts)
