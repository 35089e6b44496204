"""Draws charts as SVG with matplotlib, without a display and without pyplot's global state."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullFormatter

from reli_analysis.report.parts import one_line, shorten
from reli_analysis.report.svg import COLORS, tidy
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from reli_analysis.report.charts import ChartSpec, Line
    from reli_analysis.series import Run, Series

MOST_POINTS = 2000
_WIDTH_IN = 9.6
_LEFT, _RIGHT = 0.062, 0.978
_BAR_PT = 3.0
_NAME_PT = 7.5
_LOG_FROM = 30.0
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "reli",
    "font.size": 9.0,
    "axes.edgecolor": COLORS["muted"],
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "text.color": COLORS["fg"],
    "xtick.color": COLORS["muted"],
    "ytick.color": COLORS["muted"],
    "grid.color": COLORS["grid"],
    "grid.linewidth": 0.5,
    "path.simplify": True,
}


@dataclass(frozen=True)
class LegendEntry:
    """One line of a chart in words: its name, its colour, and between what it lay."""

    label: str
    color: str
    dashed: bool
    lowest: str
    highest: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart; ``description`` says in a sentence what the picture shows."""

    id: str
    title: str
    axis: str
    legend: tuple[LegendEntry, ...]
    description: str
    svg: str


@dataclass(frozen=True)
class Span:
    """A named stretch of the run's time."""

    name: str
    start_s: float
    end_s: float


def draw_all(run: Run, specs: Iterable[ChartSpec]) -> Iterator[Chart]:
    """The charts, all on the same axis of time."""
    for number, spec in enumerate(specs):
        yield _draw(run, spec, f"c{number}")


def thin(series: Series, most: int = MOST_POINTS) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most ``most`` points of a series, the smallest and the largest of each stretch kept."""
    elapsed, values = series.elapsed_s, series.values
    if len(values) <= most:
        return elapsed, values
    edges = np.linspace(0, len(values), most // 2 + 1).astype(int)
    kept: list[int] = []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        part = values[start:end]
        if np.isfinite(part).any():
            ends = {int(np.nanargmin(part)), int(np.nanargmax(part))}
            kept.extend(start + at for at in sorted(ends))
        else:
            kept.append(start)
    return elapsed[kept], values[kept]


def stage_spans(run: Run) -> list[Span]:
    """The stages as far as the run got; the plan's, or those of its rows."""
    stages: Iterable[Any] = run.info.stages if run.info else ()
    spans = [Span(s.name, s.start_s, s.end_s) for s in stages]
    return spans or [Span(w.stage, w.start_s, w.end_s) for w in run.windows if w.stage]


def _time_range(run: Run) -> tuple[float, float]:
    starts = [float(s.elapsed_s[0]) for s in run.series.values() if len(s)]
    start = min(starts, default=0.0)
    return start, max(run.duration_s, start + run.interval_s)


def _draw(run: Run, spec: ChartSpec, prefix: str) -> Chart:
    highest = max(float(run.series[line.column].measured().values.max()) for line in spec.lines)
    divisor, axis = _scale(spec.unit, highest)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(_WIDTH_IN, spec.height))
        axes = _axes(figure, spec.height)
        _mark_time(axes, run)
        for line in reversed(spec.lines):
            _plot(axes, run, line, divisor)
        from_zero = _value_axis(axes, spec)
        svg = _to_svg(figure, prefix)
    legend = tuple(_legend(run.series[line.column], line) for line in spec.lines)
    axis = ", ".join(filter(None, (axis, "" if from_zero else "not from 0")))
    ranges = "; ".join(f"{e.label} from {e.lowest} to {e.highest}" for e in legend)
    return Chart(spec.id, spec.title, axis, legend, f"{spec.title} over the run: {ranges}.", svg)


def _axes(figure: Figure, height: float) -> Axes:
    """The same left and right edge in every figure, so that moments stand below each other."""
    bottom, top = 0.27 / height, 1 - 0.2 / height
    axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, top - bottom))
    axes.patch.set_visible(False)
    figure.patch.set_visible(False)
    axes.grid(visible=True, axis="y")
    axes.tick_params(length=2.5, width=0.6)
    axes.tick_params(axis="x", length=_BAR_PT + 3)
    return axes


def _to_svg(figure: Figure, prefix: str) -> str:
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # The viewer's fonts show a name; that matplotlib's own font lacks a sign does not matter.
        warnings.simplefilter("ignore", UserWarning)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return tidy(buffer.getvalue(), prefix)


def _mark_time(axes: Axes, run: Run) -> None:
    """The axis of time, stages shaded in turn and named where they fit, windows as a bar."""
    start_s, end_s = _time_range(run)
    axes.set_xlim(start_s, end_s)
    step_s = _time_step(end_s - start_s)
    axes.xaxis.set_major_locator(MultipleLocator(step_s))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at_s, _: clock(at_s, end_s)))
    points_per_s = _WIDTH_IN * 72 * (_RIGHT - _LEFT) / (end_s - start_s)
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


def _mark_window(axes: Axes, kind: str, left: float, right: float) -> None:
    """A bar below the axis; a fault and the recovery from it are tinted up to the top."""
    look: dict[str, Any] = {"color": COLORS.get(kind, COLORS["muted"]), "lw": 0}
    height_pt = axes.get_position().height * axes.figure.get_figheight() * 72
    below = {"ymin": -(_BAR_PT + 1) / height_pt, "ymax": -1 / height_pt, "clip_on": False}
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


def _plot(axes: Axes, run: Run, line: Line, divisor: float) -> None:
    series = run.series[line.column]
    seldom = len(series.measured()) < 0.5 * len(series)
    elapsed_s, values = thin(series.measured() if seldom else series)
    axes.plot(
        elapsed_s,
        values / divisor,
        color=COLORS[f"c{line.color}"],
        lw=0.8 if line.color == 4 else 1.1,
        ls=(0, (4, 2)) if line.dashed else "-",
        marker="o" if seldom or len(values) < 3 else None,
        ms=2.5,
        zorder=2,
    )


def _value_axis(axes: Axes, spec: ChartSpec) -> bool:
    """Set the axis to what is drawn; ``False`` when it hides the distance to zero."""
    drawn = np.concatenate([np.asarray(line.get_ydata(), float) for line in axes.lines])
    drawn = drawn[np.isfinite(drawn)]
    lowest, highest = float(drawn.min()), float(drawn.max())
    plain = FuncFormatter(lambda value, _: f"{value:,.6g}")
    if spec.log and lowest > 0 and highest / lowest > _LOG_FROM:
        axes.set_yscale("log")
        subs = (1.0, 2.0, 5.0) if highest / lowest < 300 else (1.0,)
        axes.yaxis.set_major_locator(LogLocator(subs=subs))
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(plain)
        return True
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=spec.unit == "count" and highest > 3))
    axes.yaxis.set_major_formatter(plain)
    bottom, top = _value_range(lowest, highest, near=spec.near)
    axes.set_ylim(bottom, top)
    return bottom <= 0


def _value_range(lowest: float, highest: float, *, near: bool) -> tuple[float, float]:
    """From zero, or near the data; then at least a fifth of the largest value is shown."""
    bottom = lowest if lowest < 0 or (near and lowest > 0.5 * highest) else 0.0
    length = highest - bottom
    if bottom > 0 and length < 0.2 * highest:
        bottom -= (0.2 * highest - length) / 2
        length = 0.2 * highest
    room = 0.06 * length or 1.0
    return (bottom - room if bottom else 0.0), bottom + length + room


def _legend(series: Series, line: Line) -> LegendEntry:
    values = series.measured().values
    lowest, highest = (format_value(float(v), series.unit) for v in (values.min(), values.max()))
    return LegendEntry(line.label, f"c{line.color}", line.dashed, lowest, highest)


def _scale(unit: str, highest: float) -> tuple[float, str]:
    """What to divide by so that the axis has readable numbers, and the unit that they are then in."""
    match unit:
        case "bytes":
            for size, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
                if highest >= size:
                    return float(size), name
            return 1.0, "B"
        case "ms":
            if highest >= 10_000:
                return 1000.0, "s"
            return (1.0, "ms") if highest >= 1 else (0.001, "µs")
        case "ratio":
            return 0.01, "%"
        case "1/s":
            return 1.0, "per second"
        case "count" | "":
            return 1.0, ""
        case _:
            return 1.0, unit


_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200)


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
