"""The axis of time that all charts share: stages shaded and named, windows marked below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import FuncFormatter, MultipleLocator

from reli_analysis.report.svg import COLORS
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matplotlib.axes import Axes

    from reli_analysis.report.marks import Mark
    from reli_analysis.series import Run

WIDTH_IN = 9.6
LEFT, RIGHT = 0.062, 0.978
BAR_PT = 3.0
_NAME_PT = 7.5
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200)


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


def _time_range(run: Run) -> tuple[float, float]:
    starts = [float(s.elapsed_s[0]) for s in run.series.values() if len(s)]
    start = min(starts, default=0.0)
    return start, max(run.duration_s, start + (run.interval_s or 1.0))


def mark_time(axes: Axes, run: Run) -> None:
    """The axis of time, stages shaded in turn and named where they fit, windows as a bar."""
    start_s, end_s = _time_range(run)
    axes.set_xlim(start_s, end_s)
    step_s = _time_step(end_s - start_s)
    axes.xaxis.set_major_locator(MultipleLocator(step_s))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at_s, _: clock(at_s, end_s)))
    points_per_s = WIDTH_IN * 72 * (RIGHT - LEFT) / (end_s - start_s)
    for number, span in enumerate(stage_spans(run)):
        left, right = max(span.start_s, start_s), min(span.end_s, end_s)
        if right <= left:
            continue
        if number % 2 == 0:
            axes.axvspan(left, right, color=COLORS["stage"], lw=0, zorder=0)
        _name(axes, one_line(span.name), (left + right) / 2, (right - left) * points_per_s)
    for window in run.windows:
        left, right = max(window.start_s, start_s), min(window.end_s, end_s)
        if right > left:
            _mark_window(axes, window.kind, left, right)


def mark_events(axes: Axes, marks: Iterable[Mark]) -> None:
    """A thin line from top to bottom at each moment; restarts are whole lines, the rest dotted."""
    for mark in marks:
        whole = mark.kind == "restart"
        axes.axvline(
            mark.elapsed_s,
            color=COLORS[mark.kind],
            lw=1.1 if whole else 0.9,
            ls="-" if whole else (0, (1.5, 1.5)),
            zorder=1.2,
        )


def _mark_window(axes: Axes, kind: str, left: float, right: float) -> None:
    """A bar below the axis; a fault and the recovery from it are tinted up to the top."""
    look: dict[str, Any] = {"color": COLORS.get(kind, COLORS["muted"]), "lw": 0}
    height_pt = axes.get_window_extent().height * 72 / axes.figure.dpi
    below = {"ymin": -(BAR_PT + 1) / height_pt, "ymax": -1 / height_pt, "clip_on": False}
    axes.axvspan(left, right, zorder=3, **below, **look)
    if kind in {"fault", "recovery"}:
        axes.axvspan(left, right, alpha=0.15, zorder=1, **look)


def _name(axes: Axes, name: str, middle_s: float, room_pt: float) -> None:
    fitting = int(room_pt / (_NAME_PT * 0.58))
    if fitting < min(len(name), 6):
        return
    axes.text(
        middle_s,
        1.02,
        shorten(name, fitting),
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="bottom",
        fontsize=_NAME_PT,
        color=COLORS["muted"],
        parse_math=False,
    )


def _time_step(length_s: float) -> float:
    """The smallest round step that puts at most twelve marks on the axis."""
    days = 86400 * max(1, round(length_s / 86400 / 12))
    return next((float(step) for step in _STEPS_S if length_s / step <= 12), float(days))


def clock(at_s: float, length_s: float) -> str:
    """``12:30`` (minutes and seconds), ``1:30 h`` or ``2 d 06 h``, as the length asks for."""
    whole = round(at_s)
    if length_s < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    if length_s < 2 * 86400:
        return f"{whole // 3600}:{whole % 3600 // 60:02} h"
    return f"{whole // 86400} d {whole % 86400 // 3600:02} h"
