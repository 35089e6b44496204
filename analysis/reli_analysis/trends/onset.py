"""When growth began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.posterior import mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.noise import Laws
    from reli_analysis.trends.posterior import Posterior
    from reli_analysis.trends.prepared import Prepared

_WINS = 3.0
_BENT = 2.0
_DECAYS = (0.05, 0.1, 0.2)
_CANDIDATES = 24
_LATEST = 0.85
_KINKS = (0.08, 0.75)


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


def speeds_up_once(prepared: Prepared, laws: Laws, straight: Posterior) -> bool:
    """Whether nothing, and then straight growth explains the levels better than a line throughout.

    By 3 and the logarithm of how many moments were tried; and neither a line nor a decay beside it,
    such as a cache that falls meanwhile, adds 2. Only within a single life.
    """
    if prepared.has_lives:
        return False
    levels, times_s = prepared.floors.levels, prepared.floors.elapsed_s
    slope, clock = kinked_slope(prepared, laws)
    if slope.log_likelihood < straight.log_likelihood + _WINS + np.log(_CANDIDATES):
        return False
    since = (times_s - times_s[0]) / prepared.floors.span_s
    others = [since, *(np.exp(-since / decay) for decay in _DECAYS)]
    beside = [laws.fit(prepared.design(clock, other), levels).log_likelihood for other in others]
    return max(beside) < slope.log_likelihood + _BENT


def kinked_slope(prepared: Prepared, laws: Laws) -> tuple[Posterior, NDArray[np.float64]]:
    """The slope after the onset, averaged over when that was by likelihood; the likeliest clock.

    A clock, in seconds about its mean, stands still until growth begins. Moments are tried all over
    the run, and then more closely about the likeliest.
    """
    times_s, span_s = prepared.floors.elapsed_s, prepared.floors.span_s
    shares = np.linspace(*_KINKS, _CANDIDATES)
    for _ in range(2):
        clocks = [np.maximum(times_s - times_s[0] - share * span_s, 0.0) for share in shares]
        clocks = [clock - clock.mean() for clock in clocks]
        fits = [laws.fit(prepared.design(clock), prepared.floors.levels) for clock in clocks]
        likelihoods = [fit.log_likelihood for fit in fits]
        best = int(np.argmax(likelihoods))
        low, high = shares[max(best - 2, 0)], shares[min(best + 2, len(shares) - 1)]
        shares = np.linspace(float(low), float(high), _CANDIDATES)
    return mixed(fits, likelihoods), clocks[best]
