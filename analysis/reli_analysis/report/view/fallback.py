"""A fitted trend of a quantity that no other chart shows gets a chart of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.report.line_charts import Drawing
from reli_analysis.report.specs import ChartSpec, Line
from reli_analysis.series import Series

if TYPE_CHECKING:
    from reli_analysis.drawn.evidence import Fit


def trend_drawing(fit: Fit, name: str) -> Drawing:
    """The levels that were judged as the chart's line; the fit lies upon it."""
    told = fit.points if len(fit.points) else fit.line
    series = Series(fit.metric, fit.unit, told[:, 0], told[:, 1])
    title = f"{fit.metric} of {fit.source}" if fit.source else fit.metric
    spec = ChartSpec(name, title, fit.unit, (Line(fit.metric, "judged level"),), near=True)
    return Drawing(id=name, spec=spec, series={fit.metric: series}, fits=(fit,))
