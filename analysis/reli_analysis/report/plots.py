"""Draws charts as SVG with matplotlib, without a display and without pyplot's global state."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from reli_analysis.report import value_axis
from reli_analysis.report.limit_lines import limit_lines
from reli_analysis.report.marks import marks_of
from reli_analysis.report.svg import COLORS, tidy
from reli_analysis.report.thinning import broken_at, thin, with_gaps
from reli_analysis.report.time_axis import BAR_PT, LEFT, RIGHT, WIDTH_IN, mark_events, mark_time
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    from reli_analysis.judgement import Judgement
    from reli_analysis.report.charts import ChartSpec, Line
    from reli_analysis.report.limit_lines import LimitLine
    from reli_analysis.report.marks import Mark
    from reli_analysis.report.target_charts import Group
    from reli_analysis.report.value_axis import ValueAxis
    from reli_analysis.series import Run, Series

_STYLE: dict[Any, Any] = {
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
_GAP_INTERVALS = 2.5


@dataclass(frozen=True)
class LegendEntry:
    """One line of a chart in words: its name, its colour, and between what it lay."""

    label: str
    values: str
    color: str
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """A drawn chart; ``description`` says in a sentence what the picture shows."""

    title: str
    axis: str
    legend: tuple[LegendEntry, ...]
    description: str
    svg: str


def draw_all(judgement: Judgement, specs: Iterable[ChartSpec]) -> Iterator[Chart]:
    """The run's own charts, all on the same axis of time, with the limits that were judged."""
    run = judgement.run
    marks, limits = marks_of(run), limit_lines(judgement)
    for number, spec in enumerate(specs):
        yield _draw(run, _Drawing(spec, run.series, _own(limits, spec), marks, f"c{number}"))


def draw_group(judgement: Judgement, group: Group, prefix: str) -> Iterator[Chart]:
    """The charts of one target, on the axis of time of the others."""
    run = judgement.run
    marks = marks_of(run, group.source)
    limits = limit_lines(judgement) if group.limited else []
    for number, (spec, series) in enumerate(group.charts):
        own = _own(limits, spec)
        name = f"{prefix}c{number}"
        yield _draw(run, _Drawing(spec, series, own, marks, name, group.restarted_s))


def _own(limits: Sequence[LimitLine], spec: ChartSpec) -> list[LimitLine]:
    columns = {line.column for line in spec.lines}
    return [limit for limit in limits if limit.column in columns]


@dataclass(frozen=True)
class _Drawing:
    """What goes into one chart; ``prefix`` keeps its ids apart from those of others."""

    spec: ChartSpec
    series: Mapping[str, Series]
    limits: Sequence[LimitLine]
    marks: Sequence[Mark]
    prefix: str
    restarted_s: Sequence[float] = ()


def _draw(run: Run, drawing: _Drawing) -> Chart:
    spec, series, limits = drawing.spec, drawing.series, drawing.limits
    axis = value_axis.plan(spec, *_extent(drawing), [limit.limit for limit in limits])
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(WIDTH_IN, spec.height))
        axes = _axes(figure, spec.height)
        mark_time(axes, run)
        mark_events(axes, drawing.marks)
        for line in reversed(spec.lines):
            _plot(axes, drawing, line, axis.divisor, run.interval_s)
        for limit in limits:
            if axis.shows(limit.limit):
                height = limit.limit / axis.divisor
                axes.axhline(height, color=COLORS["limit"], lw=0.9, ls=(0, (6, 3)), zorder=1.5)
        value_axis.set_up(axes, spec, axis)
        svg = _to_svg(figure, drawing.prefix)
    legend = [_legend(series[line.column], line) for line in spec.lines]
    legend += [_limit_legend(limit, axis) for limit in limits]
    unit = ", ".join(filter(None, (axis.unit, "" if axis.from_zero else "not from 0")))
    ranges = "; ".join(f"{entry.label} {entry.values}" for entry in legend)
    return Chart(spec.title, unit, tuple(legend), f"{spec.title} over the run: {ranges}.", svg)


def _extent(drawing: _Drawing) -> tuple[float, float]:
    drawn = [thin(drawing.series[line.column])[1] for line in drawing.spec.lines]
    return min(float(np.nanmin(v)) for v in drawn), max(float(np.nanmax(v)) for v in drawn)


def _axes(figure: Figure, height: float) -> Axes:
    """The same left and right edge in every figure, so that moments stand below each other."""
    bottom, top = 0.27 / height, 1 - 0.2 / height
    axes = figure.add_axes((LEFT, bottom, RIGHT - LEFT, top - bottom))
    axes.patch.set_visible(False)
    figure.patch.set_visible(False)
    axes.grid(visible=True, axis="y")
    axes.tick_params(length=2.5, width=0.6)
    axes.tick_params(axis="x", length=BAR_PT + 3)
    return axes


def _plot(axes: Axes, drawing: _Drawing, line: Line, divisor: float, interval_s: float) -> None:
    series = drawing.series[line.column]
    seldom = len(series.measured()) < 0.5 * len(series)
    elapsed_s, values = thin(series.measured() if seldom else series)
    if not seldom:
        # Thinned points lie up to two stretches apart, and a stretch gives two points.
        apart = max(1.0, 2 * len(series) / len(values)) * interval_s
        elapsed_s, values = with_gaps((elapsed_s, values), _GAP_INTERVALS * apart)
    elapsed_s, values = broken_at((elapsed_s, values), drawing.restarted_s)
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


def _to_svg(figure: Figure, prefix: str) -> str:
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # The viewer's fonts show a name; that matplotlib's own font lacks a sign does not matter.
        warnings.simplefilter("ignore", UserWarning)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return tidy(buffer.getvalue(), prefix)


def _legend(series: Series, line: Line) -> LegendEntry:
    values = series.measured().values
    lowest, highest = (format_value(float(v), series.unit) for v in (values.min(), values.max()))
    between = lowest if lowest == highest else f"{lowest} to {highest}"
    return LegendEntry(line.label, between, f"c{line.color}", line.dashed)


def _limit_legend(line: LimitLine, axis: ValueAxis) -> LegendEntry:
    where = "" if axis.shows(line.limit) else "(off the chart)"
    return LegendEntry(line.text, where, "limit", dashed=True)
