"""What lies behind every chart of a page: stages shaded in turn, windows, marks of events.

It is drawn once and used by each chart, so its share of the page does not grow with the charts.
Its places along the time are percentages of the chart's width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli_analysis.report.svg.shapes import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.report.marks import Mark
    from reli_analysis.series import Run

TINTED = frozenset({"fault", "recovery"})
KNOWN_WINDOWS = frozenset({"warm-up", "steady", "fault", "recovery", "cool-down"})
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200)
_MOST_TICKS = 10


@dataclass(frozen=True)
class Span:
    """A named stretch of the run's time."""

    name: str
    start_s: float
    end_s: float


def stage_spans(run: Run) -> list[Span]:
    """The stages as far as the run got; the plan's, or those of its rows."""
    stages: Iterable[Any] = run.info.stages if run.info else ()
    spans = [Span(s.name, s.start_s, s.end_s) for s in stages]
    return spans or [Span(w.stage, w.start_s, w.end_s) for w in run.windows if w.stage]


def window_spans(run: Run) -> list[Span]:
    """The windows, neighbours of one kind joined whatever their stage."""
    joined: list[Span] = []
    for window in sorted(run.windows, key=lambda w: w.start_s):
        last = joined[-1] if joined else None
        if last and last.name == window.kind and window.start_s <= last.end_s + run.interval_s / 2:
            joined[-1] = Span(last.name, last.start_s, max(last.end_s, window.end_s))
        else:
            joined.append(Span(window.kind, window.start_s, window.end_s))
    return joined


def cut(spans: Iterable[Span], grid: TimeGrid) -> list[tuple[Span, str, str]]:
    """Each span that the page shows, with its left edge and its width."""
    found = []
    for span in spans:
        left, right = grid.share(span.start_s), grid.share(span.end_s)
        if right > left:
            found.append((span, percent(left), percent(right - left)))
    return found


def backdrop(run: Run, grid: TimeGrid) -> str:
    """Every second stage shaded; faults and recoveries tinted."""
    stages = cut(stage_spans(run), grid)
    parts = [f'<rect class="stage" x="{x}" width="{w}" height="100%"/>' for _, x, w in stages[::2]]
    parts += [
        f'<rect class="tint" fill="var(--{span.name})" x="{x}" width="{w}" height="100%"/>'
        for span, x, w in cut(window_spans(run), grid)
        if span.name in TINTED
    ]
    return "".join(parts)


def window_bar(run: Run, grid: TimeGrid) -> str:
    """The windows as a bar, to lie below a chart."""
    return "".join(
        f'<rect fill="var(--{window_color(span.name)})" x="{x}" width="{w}" height="100%"/>'
        for span, x, w in cut(window_spans(run), grid)
    )


def window_color(kind: str) -> str:
    return kind if kind in KNOWN_WINDOWS else "muted"


def event_lines(marks: Sequence[Mark], grid: TimeGrid) -> str:
    """A thin line from top to bottom at each moment; its kind decides colour and dashes."""
    parts = []
    for mark in marks:
        x = percent(grid.share(mark.elapsed_s))
        parts.append(f'<line class="mark {mark.kind}" x1="{x}" x2="{x}" y2="100%"/>')
    return "".join(parts)


def time_ticks(grid: TimeGrid) -> list[tuple[str, str]]:
    """Round moments: their place and their text."""
    step_s = _time_step(grid.length_s)
    first = int(-(-grid.start_s // step_s))
    moments = (step_s * number for number in range(first, first + _MOST_TICKS + 2))
    return [
        (percent(grid.share(at_s)), clock(at_s, grid.end_s))
        for at_s in moments
        if at_s <= grid.end_s
    ]


def _time_step(length_s: float) -> float:
    """The smallest round step that puts at most ``_MOST_TICKS`` marks on the axis."""
    days = 86400 * max(1, round(length_s / 86400 / _MOST_TICKS))
    return next((float(step) for step in _STEPS_S if length_s / step <= _MOST_TICKS), float(days))


def clock(at_s: float, length_s: float) -> str:
    """``12:30`` (minutes and seconds), ``1:30 h`` or ``2 d 06 h``, as the length asks for."""
    whole = round(at_s)
    if length_s < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    if length_s < 2 * 86400:
        return f"{whole // 3600}:{whole % 3600 // 60:02} h"
    return f"{whole // 86400} d {whole % 86400 // 3600:02} h"


def moment(at_s: float, length_s: float) -> str:
    """A moment to the second, as the page's script says it: ``12:30``, ``1 d 06:12:30 h``."""
    whole = int(at_s)
    minutes, seconds = whole // 60, whole % 60
    if length_s < 3600:
        return f"{minutes}:{seconds:02}"
    hours, days = whole // 3600 % 24, whole // 86400
    text = f"{minutes % 60:02}:{seconds:02} h"
    return f"{days} d {hours:02}:{text}" if days else f"{hours}:{text}"
