"""An ordinary regression line, as a spreadsheet draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from leaks.others.answer import Answer
from scipy import stats

if TYPE_CHECKING:
    from leaks.labelled import Labelled


def least_squares(labelled: Labelled) -> Answer:
    """Leaks when the slope is above 0 with p < 0.05."""
    return _line(labelled, 0.0, 0.0)


def least_squares_late(labelled: Labelled) -> Answer:
    """The same of the last two thirds, and only when the slope matters."""
    return _line(labelled, 1 / 3, labelled.threshold_per_h)


def _line(labelled: Labelled, left_out: float, least: float) -> Answer:
    hours, values = labelled.observed.elapsed_s / 3600, labelled.observed.values
    kept = np.isfinite(values) & (hours >= hours[0] + left_out * np.ptp(hours))
    line = stats.linregress(hours[kept], values[kept])
    reach = float(stats.t.ppf(0.975, kept.sum() - 2)) * line.stderr
    grows = line.slope > least and line.pvalue < 0.05
    return Answer(bool(grows), line.slope, line.slope - reach, line.slope + reach)
