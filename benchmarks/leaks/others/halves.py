"""The end against the beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from leaks.others.answer import Answer

if TYPE_CHECKING:
    from leaks.labelled import Labelled


def halves(labelled: Labelled) -> Answer:
    """Leaks when the second half's mean is above the first's by more than half of what matters."""
    hours, values = labelled.observed.elapsed_s / 3600, labelled.observed.values
    middle = hours[0] + np.ptp(hours) / 2
    rise = np.nanmean(values[hours >= middle]) - np.nanmean(values[hours < middle])
    rate = float(rise / (np.ptp(hours) / 2))
    return Answer(rate > labelled.threshold_per_h, rate)
