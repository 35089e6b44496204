"""Draws the line charts of a run, with its limits, fitted trends, change points and events."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.drawn.grid import trace
from reli_analysis.report import parts
from reli_analysis.report.chart import Chart, LegendEntry, Note, between, line_points, table
from reli_analysis.report.svg import value_axis
from reli_analysis.report.svg.bands import band_inside
from reli_analysis.report.svg.fit_lines import change_over, extent, fit_inside, fit_over
from reli_analysis.report.svg.frame import Frame, framed, y_px
from reli_analysis.report.svg.ground import moment
from reli_analysis.report.svg.labels import end_labels
from reli_analysis.report.svg.shapes import heights, line, spread, trace_dots
from reli_analysis.units import format_value
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reli_analysis.drawn.evidence import Change, Fit
    from reli_analysis.drawn.grid import TimeGrid, Trace
    from reli_analysis.report.limit_lines import LimitLine
    from reli_analysis.report.specs import ChartSpec, Line
    from reli_analysis.report.svg.bands import Band
    from reli_analysis.report.svg.value_axis import ValueAxis
    from reli_analysis.series import Series

_FEW = 3
"""Up to so many values are dots, because a line through them would hardly be seen."""


@dataclass(frozen=True)
class Drawing:
    """What goes into one chart; ``id`` keeps it apart from others, ``marks`` names its events."""

    id: str
    spec: ChartSpec
    series: Mapping[str, Series]
    limits: Sequence[LimitLine] = ()
    fits: Sequence[Fit] = ()
    changes: Sequence[Change] = ()
    marks: str = "run"
    restarted_s: Sequence[float] = ()
    bands: Sequence[Band] = ()


def draw(drawing: Drawing, grid: TimeGrid) -> Chart:
    """The chart, on the page's grid of time."""
    spec, series = drawing.spec, drawing.series
    traces = {
        line.column: trace(series[line.column], grid, drawing.restarted_s) for line in spec.lines
    }
    axis = _axis(drawing, traces)
    legend = [
        _entry(line, traces[line.column], series[line.column].unit, number)
        for number, line in enumerate(spec.lines)
    ]
    legend += [_limit_entry(limit, axis) for limit in drawing.limits]
    if drawing.fits:
        legend.append(LegendEntry("judged levels, fitted trend with its 95 % band", "", "trend"))
    ranges = "; ".join(f"{entry.label} {entry.values}".strip() for entry in legend)
    description = f"{spec.title} over the run: {ranges}."
    frame = Frame(grid, axis, spec.height_px, drawing.marks, one_line(description))
    labelled = [(one.label, traces[one.column]) for one in spec.lines]
    return Chart(
        id=drawing.id,
        title=spec.title,
        axis=", ".join(filter(None, (axis.unit, "" if axis.from_zero else "not from 0"))),
        legend=tuple(legend),
        description=description,
        svg=framed(
            frame,
            _inside(drawing, traces, frame),
            _over(drawing, frame),
            _beside(drawing, traces, frame),
        ),
        points={
            "unit": axis.unit,
            "lines": [line_points(label, one, axis, grid.steps) for label, one in labelled],
        },
        table=table(labelled, spec.unit, grid),
        notes=tuple(_notes(drawing, grid)),
    )


def _axis(drawing: Drawing, traces: Mapping[str, Trace]) -> ValueAxis:
    lows = [float(one.lows.min()) for one in traces.values()]
    highs = [float(one.highs.max()) for one in traces.values()]
    for fit in drawing.fits:
        low, high = extent(fit)
        lows, highs = [*lows, low], [*highs, high]
    limits = [limit.limit for limit in drawing.limits]
    return value_axis.plan(drawing.spec, min(lows), max(highs), limits)


def _inside(drawing: Drawing, traces: Mapping[str, Trace], frame: Frame) -> str:
    y_of = heights(frame.axis, frame.height_px)
    parts = [band_inside(one, frame) for one in drawing.bands]
    for one in reversed(drawing.spec.lines):
        drawn, dashed = traces[one.column], " dashed" if one.dashed else ""
        if area := spread(drawn, y_of):
            parts.append(f'<path class="spread c{one.color}" d="{area}"/>')
        parts.append(f'<path class="line c{one.color}{dashed}" d="{line(drawn, y_of)}"/>')
        if drawn.seldom or len(drawn.steps) <= _FEW:
            parts.append(f'<path class="dots c{one.color}" d="{trace_dots(drawn, y_of)}"/>')
    parts += [fit_inside(fit, frame) for fit in drawing.fits]
    return "".join(parts)


def _over(drawing: Drawing, frame: Frame) -> str:
    shown = [limit for limit in drawing.limits if frame.axis.shows(limit.limit)]
    heights_px = (y_px(frame, limit.limit) for limit in shown)
    parts = [f'<line class="limit" x2="100%" y1="{y}" y2="{y}"/>' for y in heights_px]
    parts += [fit_over(fit, frame) for fit in drawing.fits]
    return "".join([*parts, change_over(drawing.changes, frame)])


def _beside(drawing: Drawing, traces: Mapping[str, Trace], frame: Frame) -> str:
    ends = [(one.name, f"c{one.color}", _last(traces[one.column])) for one in drawing.spec.lines]
    return end_labels(ends, frame) if len(ends) > 1 else ""


def _last(drawn: Trace) -> float:
    return float(drawn.middles[-1])


def _entry(one: Line, drawn: Trace, unit: str, number: int) -> LegendEntry:
    values = between(float(drawn.lows.min()), float(drawn.highs.max()), unit)
    look = f"c{one.color}" + (" dashed" if one.dashed else "")
    return LegendEntry(one.label, values, look, number)


def _limit_entry(limit: LimitLine, axis: ValueAxis) -> LegendEntry:
    where = "" if axis.shows(limit.limit) else "(off the chart)"
    return LegendEntry(limit.text, where, "limit dashed")


def _notes(drawing: Drawing, grid: TimeGrid) -> Iterator[Note]:
    """What findings say of the chart; one that shows a trend speaks of its change points too."""
    yield from map(_fit_note, drawing.fits)
    told = [fit.finding for fit in drawing.fits]
    yield from (_change_note(c, grid) for c in drawing.changes if c.finding not in told)


def _fit_note(fit: Fit) -> Note:
    finding = fit.finding
    return Note(parts.word(finding), finding.message, f"#f-{finding.id}")


def _change_note(change: Change, grid: TimeGrid) -> Note:
    return Note("", change_sentence(change, grid.end_s), f"#f-{change.finding.id}")


def change_sentence(change: Change, length_s: float) -> str:
    """``p95_ms changed from 12 ms to 19 ms at 1:12 h (between ... and ...), because ...``."""
    text = change.metric
    if change.before is not None and change.after is not None:
        before, after = (format_value(v, change.unit) for v in (change.before, change.after))
        text += f" changed from {before} to {after}"
    else:
        text += " changed"
    text += f" at {moment(change.at_s, length_s)}"
    if not math.isclose(change.low_s, change.high_s):
        ends = (moment(at_s, length_s) for at_s in (change.low_s, change.high_s))
        text += " (between {} and {})".format(*ends)
    return text + (f", {change.because}" if change.because else "")
