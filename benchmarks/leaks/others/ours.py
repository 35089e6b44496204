"""The pipeline of reli_analysis.trends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaks.others.answer import Answer

from reli_analysis.trends.leak import Growth, find_leak

if TYPE_CHECKING:
    from leaks.labelled import Labelled

_LEAKS = {Growth.LEAK: True, Growth.NONE: False, Growth.UNKNOWN: None}


def ours(labelled: Labelled) -> Answer:
    found = find_leak(labelled.observed, labelled.threshold_per_h)
    if found.slope is None:
        return Answer(None)
    none_above = found.smallest_seen_per_h if found.growth is Growth.NONE else None
    return Answer(_LEAKS[found.growth], *found.rates_per_h, none_above)
