"""Does growth that slowed down come to rest, or go on beneath it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reli_analysis.trends.prepared import Prepared

_WINS = 2.5
_BENDS = 4.0
_DECAYS = np.geomspace(0.005, 3.0, 14)
_KNEES = np.geomspace(0.001, 0.3, 8)
_STEPS = 12


def settles(prepared: Prepared, clocks: Sequence[NDArray[np.float64]] = ()) -> bool:
    """Whether an exponential or a logarithm alone explains the levels as well as one with growth.

    Likelihoods of ``a + b exp(-x / t)`` and ``a + b log(1 + x / t)`` against
    ``a + b exp(-x / t) + c x``, x the age as a share of the longest life's, all beside the intercepts
    and other causes of the design: growth has to win by 2.5, which is half the
    BIC's price of one more term at 64 levels and a little. ``clocks`` are what else growth may
    follow, n values each: against time, growth by the requests bends with them. A bend that a straight line explains
    nearly as well, to within 4, is none: growth in random steps bends by chance.
    """
    x = prepared.ages_s / prepared.ages_s.max()
    straights = [x, *(clock / np.ptp(clock) for clock in clocks)]
    laws, levels = prepared.laws(), prepared.floors.levels

    def likelihood(*columns: NDArray[np.float64]) -> float:
        return laws.fit(prepared.design(*columns), levels).log_likelihood

    straight = max(likelihood(clock) for clock in straights)
    exponential = _best(lambda t: likelihood(np.exp(-x / t)), _DECAYS)
    logarithm = _best(lambda t: likelihood(np.log1p(x / t)), _KNEES)
    if max(exponential, logarithm) < straight + _BENDS:
        return False
    settled = max(exponential, logarithm) + _WINS
    growing = [
        _best(lambda t: likelihood(np.exp(-x / t), clock), _DECAYS)  # noqa: B023 -- called at once
        for clock in straights
    ]
    return max(growing) <= settled


def _best(likelihood: Callable[[float], float], grid: NDArray[np.float64]) -> float:
    """The largest likelihood, by a grid and a search about its best point."""
    found = [likelihood(float(t)) for t in grid]
    at = int(np.argmax(found))
    around = np.log(grid[[max(at - 1, 0), min(at + 1, len(grid) - 1)]])
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 -- takes long, and few trends ask

    refined = minimize_scalar(
        lambda log_t: -likelihood(float(np.exp(log_t))),
        bounds=tuple(around),
        method="bounded",
        options={"maxiter": _STEPS},
    )
    return max(found[at], -float(refined.fun))
