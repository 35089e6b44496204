"""What is left of a warm-up within the window: it bends a line by less than can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.posterior import Posterior, mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.noise import Laws
    from reli_analysis.trends.prepared import Prepared

DECAYS = (0.06, 0.2, 0.6)
"""Time constants of what fades, in shares of the longest life within the window."""

_PENALTY = 2.0


def averaged_slope(
    part: Prepared, laws: Laws, clock: NDArray[np.float64], *, bent_before: bool
) -> Posterior:
    """The slope by a clock, averaged over there being a rest of a warm-up, and none.

    ``levels = intercepts + others + c exp(-age / t) + b clock`` for three t, and without c, weighed
    by likelihood; a decay pays 2 for its term, as BIC would at 64 levels, unless the levels before
    the window were bent, when its end is as likely as not.
    Without it the bend that a straight-looking window may still hide biases the slope by more than
    its interval: a cache that still falls hides growth, one that still fills mimics it.
    """
    levels = part.floors.levels
    plain = laws.fit(part.design(clock), levels)
    if len(part) < part.design().shape[1] + 5:
        return plain
    ages = part.ages_s - part.ages_s.min()
    share = float(np.log(len(DECAYS)))
    fits, weights = [plain], [plain.log_likelihood]
    for decay in DECAYS:
        fading = np.exp(-ages / (decay * ages.max()))
        fit = laws.fit(part.design(fading - fading.mean(), clock), levels)
        fits.append(fit)
        weights.append(fit.log_likelihood - share - (0.0 if bent_before else _PENALTY))
    return mixed(fits, weights)
