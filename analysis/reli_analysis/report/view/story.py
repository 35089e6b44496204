"""The first chart of the page: stages, windows, events and change points on the axis of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.report.chart import Chart
from reli_analysis.report.marks import marks_of_all
from reli_analysis.report.parts import plural
from reli_analysis.report.svg.ground import clock, stage_spans, window_spans
from reli_analysis.report.svg.lanes import lanes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.drawn.evidence import Change
    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.series import Run

_MOST_NAMED = 20


def has_story(run: Run, changes: Sequence[Change]) -> bool:
    """Whether the run knows of anything but its numbers."""
    return bool(stage_spans(run) or window_spans(run) or marks_of_all(run) or changes)


def story_chart(run: Run, grid: TimeGrid, changes: Sequence[Change]) -> Chart:
    """A lane each; the section of events says the same in words."""
    marks = marks_of_all(run)
    description = f"Stages, windows and events over the run: {_said(run, grid)}"
    if marks:
        description += f"; {plural(len(marks), 'marked event')}"
    if changes:
        description += f"; {plural(len(changes), 'change point')}"
    return Chart(
        id="story",
        title="Stages, windows, events",
        axis="",
        legend=(),
        description=f"{description}.",
        svg=lanes(run, grid, marks, changes, f"{description}."),
        points={"unit": "", "lines": []},
    )


def _said(run: Run, grid: TimeGrid) -> str:
    spans = window_spans(run) or stage_spans(run)
    named = [f"{s.name} from {clock(s.start_s, grid.end_s)}" for s in spans[:_MOST_NAMED]]
    return ", ".join(named) + (" and more" if len(spans) > _MOST_NAMED else "") or "none named"
