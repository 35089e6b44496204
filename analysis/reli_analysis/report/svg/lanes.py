"""The run's story on the axis of time that all charts share: stages, windows, events, a lane each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import escape

from reli_analysis.report.svg.frame import BELOW_PX
from reli_analysis.report.svg.ground import cut, stage_spans, window_color, window_spans
from reli_analysis.report.svg.shapes import percent
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.drawn.evidence import Change
    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.report.marks import Mark
    from reli_analysis.report.svg.ground import Span
    from reli_analysis.series import Run

_LANE_PX = 20
_PX = 900
"""The width for which names are cut."""
_LETTER_PX = 6.2
_FEWEST_LETTERS = 5

SHORT = {
    "restart": "restarts",
    "exit": "ends",
    "vanished": "gone",
    "appeared": "there",
    "gap": "gaps",
    "clock": "clock",
    "breach": "budgets",
    "change": "changes",
}
"""What fits beside a lane; the legend says it in full."""


def lanes(
    run: Run, grid: TimeGrid, marks: Sequence[Mark], changes: Sequence[Change], description: str
) -> str:
    """The chart; a lane that would be empty is left out."""
    rows = []
    if stages := stage_spans(run):
        rows.append(("stages", _blocks(stages, grid, "block")))
    if windows := window_spans(run):
        rows.append(("windows", _blocks(windows, grid, "window")))
    for kind, short in SHORT.items():
        own = [mark.elapsed_s for mark in marks if mark.kind == kind]
        if kind == "change":
            own = [change.at_s for change in changes]
        if own:
            rows.append((short, _ticks(own, kind, grid)))
    body = "".join(_lane(at, name, inside) for at, (name, inside) in enumerate(rows))
    height = len(rows) * _LANE_PX
    return (
        f'<svg class="plot lanes" height="{height + BELOW_PX}" role="img" '
        f'aria-label="{escape(one_line(description))}">{body}'
        f'<svg class="below" y="{height}" width="100%" height="{BELOW_PX}">'
        '<use href="#clock"/></svg></svg>'
    )


def _lane(at: int, name: str, inside: str) -> str:
    y = at * _LANE_PX
    return (
        f'<text class="value" x="-6" y="{y + _LANE_PX // 2}" dy=".35em">{name}</text>'
        f'<svg y="{y}" width="100%" height="{_LANE_PX}">'
        f'<line class="grid" x2="100%" y1="{_LANE_PX}" y2="{_LANE_PX}"/>{inside}</svg>'
    )


def _blocks(spans: Iterable[Span], grid: TimeGrid, look: str) -> str:
    """A block a span; its name is cut off at the block's edge."""
    parts = []
    for at, (span, x, width) in enumerate(cut(spans, grid)):
        color = f'fill="var(--{window_color(span.name)})"' if look == "window" else ""
        even = " even" if at % 2 else ""
        name = one_line(span.name)
        room = int((grid.share(span.end_s) - grid.share(span.start_s)) * _PX / _LETTER_PX) - 1
        text = ""
        if room >= min(len(name), _FEWEST_LETTERS):
            inside = escape(shorten(name, room))
            text = f'<text class="name" x="4" y="{_LANE_PX // 2}" dy=".35em">{inside}</text>'
        parts.append(
            f'<svg x="{x}" width="{width}" height="{_LANE_PX}"><rect class="{look}{even}" {color} '
            f'y="2" width="100%" height="{_LANE_PX - 4}"/>{text}</svg>'
        )
    return "".join(parts)


def _ticks(moments_s: Iterable[float], kind: str, grid: TimeGrid) -> str:
    parts = []
    for at_s in moments_s:
        x = percent(grid.share(at_s))
        parts.append(
            f'<line class="mark {kind}" x1="{x}" x2="{x}" y2="100%"/>'
            f'<circle class="event {kind}" cx="{x}" cy="{_LANE_PX // 2}" r="4"/>'
        )
    return "".join(parts)
