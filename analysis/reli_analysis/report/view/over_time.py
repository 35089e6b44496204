"""The charts of the page, all on one axis of time, and what its script needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reli_analysis.drawn.evidence import changes, fits
from reli_analysis.drawn.grid import MOST_STEPS, time_grid
from reli_analysis.drawn.heat import latency_heat
from reli_analysis.report import charts, marks, target_charts
from reli_analysis.report.limit_lines import limit_lines
from reli_analysis.report.line_charts import Drawing, draw
from reli_analysis.report.placing import Place, Placing
from reli_analysis.report.svg.frame import BELOW_PX, definitions
from reli_analysis.report.svg.ground import stage_spans, window_spans
from reli_analysis.report.view.fallback import trend_drawing
from reli_analysis.report.view.latency_charts import heat_chart, quantile_bands
from reli_analysis.report.view.story import has_story, story_chart
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.drawn.evidence import Change
    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.drawn.heat import LatencyHeat
    from reli_analysis.judgement import Judgement
    from reli_analysis.report.chart import Chart
    from reli_analysis.report.limit_lines import LimitLine
    from reli_analysis.report.specs import ChartSpec
    from reli_analysis.report.target_charts import Group
    from reli_analysis.series import Run

_MOST_POINTS = 36_000
"""Steps times lines on a page; at about 40 bytes each the page stays below 2 MB."""

_FEWEST_STEPS = 100
_MOST_EVENTS = 500
_LONGEST_EVENT = 160


@dataclass(frozen=True)
class ChartGroup:
    """The charts of one target below a heading of its own."""

    title: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class OverTime:
    """Everything on the axis of time; ``points`` is the page's data as plain JSON values.

    ``absent`` was not measured, ``left_out`` was but is too much; both are titles.
    """

    definitions: str = ""
    charts: tuple[Chart, ...] = ()
    groups: tuple[ChartGroup, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    points: dict[str, Any] = field(default_factory=dict)


def over_time(judgement: Judgement) -> OverTime:
    """Choose, place and draw all charts of a judged run."""
    run = judgement.run
    choice, groups = charts.choose(run), target_charts.target_groups(run)
    shown = groups[: target_charts.MOST_GROUPS]
    grid = time_grid(run, _steps(choice.charts, shown))
    page = _Page(
        run,
        grid,
        limit_lines(judgement),
        Placing(fits(judgement.findings), changes(judgement.findings), [g.source for g in groups]),
        changes(judgement.findings),
        latency_heat(run, grid),
    )
    own = page.charts(choice.charts)
    drawn = tuple(ChartGroup(g.title, page.group(g, f"t{n}")) for n, g in enumerate(shown))
    if others := page.others():
        drawn = (*drawn, ChartGroup("Other trends", others))
    left_out = [title for group in shown for title in group.left_out]
    left_out += [group.title for group in groups[target_charts.MOST_GROUPS :]]
    sets = {"run": marks.marks_of(run)}
    sets |= {f"t{n}": marks.marks_of(run, g.source) for n, g in enumerate(shown)}
    everything = [*own, *(chart for group in drawn for chart in group.charts)]
    return OverTime(
        definitions=definitions(run, grid, sets) if everything else "",
        charts=own,
        groups=drawn,
        marks=tuple((kind, marks.MEANINGS[kind]) for kind in marks.kinds_marked(run)),
        absent=choice.absent,
        left_out=(*choice.left_out, *left_out),
        changes=page.changes,
        points=_points(run, grid, everything),
    )


def _steps(specs: Iterable[ChartSpec], groups: Iterable[Group]) -> int:
    lines = sum(len(spec.lines) for spec in specs)
    lines += sum(len(spec.lines) for group in groups for spec, _ in group.charts)
    return max(_FEWEST_STEPS, min(MOST_STEPS, _MOST_POINTS // max(1, lines)))


@dataclass(frozen=True)
class _Page:
    """What the charts of one page share."""

    run: Run
    grid: TimeGrid
    limits: Sequence[LimitLine]
    placing: Placing
    changes: tuple[Change, ...]
    heat: LatencyHeat | None

    def charts(self, specs: Sequence[ChartSpec]) -> tuple[Chart, ...]:
        """The run's own: its story, its latency, then one a chart that has data."""
        drawn = []
        if has_story(self.run, self.changes):
            drawn.append(story_chart(self.run, self.grid, self.changes))
        if self.heat is not None:
            drawn.append(heat_chart(self.heat, self.grid))
        for number, spec in enumerate(specs):
            columns = frozenset(line.column for line in spec.lines)
            place = Place(columns)
            drawing = Drawing(
                id=f"c{number}",
                spec=spec,
                series=self.run.series,
                limits=[limit for limit in self.limits if limit.column in columns],
                fits=self.placing.fits(place),
                changes=self.placing.changes(place),
                bands=quantile_bands(self.heat) if spec.id == "latency" and self.heat else (),
            )
            drawn.append(draw(drawing, self.grid))
        return tuple(drawn)

    def group(self, group: Group, prefix: str) -> tuple[Chart, ...]:
        drawn = []
        for number, (spec, series) in enumerate(group.charts):
            columns = frozenset(line.column for line in spec.lines)
            place = Place(columns, group.source, group.limited)
            limits = self.limits if group.limited else ()
            drawing = Drawing(
                id=f"{prefix}c{number}",
                spec=spec,
                series=series,
                limits=[limit for limit in limits if limit.column in columns],
                fits=self.placing.fits(place),
                changes=self.placing.changes(place),
                marks=prefix,
                restarted_s=group.restarted_s,
            )
            drawn.append(draw(drawing, self.grid))
        return tuple(drawn)

    def others(self) -> tuple[Chart, ...]:
        """The trends of what no other chart shows, of a process for example."""
        left = self.placing.left[: charts.MOST_CHARTS]
        drawings = (trend_drawing(fit, f"f{number}") for number, fit in enumerate(left))
        return tuple(draw(drawing, self.grid) for drawing in drawings)


def _points(run: Run, grid: TimeGrid, drawn: Iterable[Chart]) -> dict[str, Any]:
    def spans(found: Iterable[Any]) -> list[list[Any]]:
        return [[_said(span.name), span.start_s, span.end_s] for span in found]

    events = [e for e in run.events if e.kind not in {"stage", "window"}][:_MOST_EVENTS]
    return {
        "start_s": grid.start_s,
        "end_s": grid.end_s,
        "steps": grid.steps,
        "below_px": BELOW_PX,
        "stages": spans(stage_spans(run)),
        "windows": spans(window_spans(run)),
        "events": [[e.elapsed_s, _said(f"{e.kind}: {e.subject}: {e.message}")] for e in events],
        "charts": {chart.id: chart.points for chart in drawn},
    }


def _said(text: str) -> str:
    return shorten(one_line(text), _LONGEST_EVENT)
