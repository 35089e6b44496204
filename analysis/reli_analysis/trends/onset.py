"""When growth began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from reli_analysis.trends.prepared import Prepared

_WINS = 3.0
_CANDIDATES = 24
_LATEST = 0.85


def began_s(prepared: Prepared) -> float:
    """The likeliest moment at which a straight growth began.

    ``levels = intercept + b max(0, t - t0)``, t0 over a grid of the run; the start of the run,
    unless another moment is likelier by a factor of e^3 under noise of unknown memory. What is
    left out for warming up is left in here: growth may begin within it.
    """
    times_s, levels = prepared.floors.elapsed_s, prepared.floors.levels
    laws = prepared.laws()
    starts = np.linspace(times_s[0], times_s[0] + _LATEST * prepared.floors.span_s, _CANDIDATES)
    found = [
        laws.fit(prepared.design(np.maximum(times_s - start, 0.0)), levels).log_likelihood
        for start in starts
    ]
    best = int(np.argmax(found))
    return float(starts[best] if found[best] > found[0] + _WINS else starts[0])
