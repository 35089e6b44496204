"""What a series cannot show because its values come in whole steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from reli_analysis.budgets.leaks.subjects import Subject

_HOUR_S = 3600.0
_STEPS = 3.0
_PAGE_BYTES = 4096.0


def unseen_per_h(subject: Subject) -> float:
    """The slowest leak that would have shown at least one step, 19 times in 20.

    A leak of r units an hour, one unit at a time and by chance, shows none in T hours with the
    probability exp(-rT / unit); that is 5 % at r = 3 units / T (the rule of three). A count's unit is
    1, memory comes in pages. 0 for anything else.
    """
    values = subject.measured
    if subject.unit == "bytes":
        unit = _PAGE_BYTES
    elif subject.unit == "count" and bool((values == np.round(values)).all()):
        unit = 1.0
    else:
        return 0.0
    hours = float(np.ptp(subject.observed.elapsed_s)) / _HOUR_S
    return _STEPS * unit / hours if hours > 0 else float("inf")
