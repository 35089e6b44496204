"""What a detector's answers are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from leaks.labelled import CLEAN, LEAKY, SLOW

if TYPE_CHECKING:
    from leaks.labelled import Labelled
    from leaks.others.answer import Answer


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1, NaN where there is nothing to take a share of.

    ``false_alarms``: clean series called leaky. ``slow``: slow ones called leaky. ``recall``: leaks
    found, of those that count. ``unknown``: clean series without an answer. ``cover``: 95 %
    intervals that hold the true rate, clean and leaky. ``rate_error``: the median relative error of
    a found leak's rate. ``contradicted``: answers "no leak above x" of a leak that is faster.
    """

    series: int
    false_alarms: float
    slow: float
    recall: float
    precision: float
    unknown: float
    cover: float
    rate_error: float
    contradicted: int


def score(answered: list[tuple[Labelled, Answer]]) -> Score:
    """Leaks that the noise hides from any fit are left out."""
    asked = [(truth, says) for truth, says in answered if truth.counts]
    clean, slow, leaky = ([one for one in asked if one[0].group == g] for g in (CLEAN, SLOW, LEAKY))
    found = [(truth, says) for truth, says in leaky if says.leaks]
    alarms = [says for _truth, says in clean if says.leaks]
    told = [
        says.low <= truth.rate_per_h <= says.high
        for truth, says in clean + leaky
        if says.low is not None and says.high is not None
    ]
    errors = [
        abs(says.rate - truth.rate_per_h) / truth.rate_per_h
        for truth, says in found
        if says.rate is not None
    ]
    return Score(
        len(asked),
        _share([bool(says.leaks) for _truth, says in clean]),
        _share([bool(says.leaks) for _truth, says in slow]),
        _share([bool(says.leaks) for _truth, says in leaky]),
        len(found) / max(len(found) + len(alarms), 1),
        _share([says.leaks is None for _truth, says in clean]),
        _share(told),
        float(np.median(errors)) if errors else float("nan"),
        sum(
            says.none_above is not None and truth.rate_per_h > says.none_above
            for truth, says in clean + leaky
        ),
    )


def _share(flags: list[bool]) -> float:
    return float(np.mean(flags)) if flags else float("nan")
