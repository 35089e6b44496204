"""A regression whose noise is correlated in a way that is not known.

Model: ``levels = design @ b + s * (sqrt(rho) * OU(tau) + sqrt(1 - rho) * white)``: a part that
forgets with the time constant ``tau`` (Ornstein-Uhlenbeck, exact at irregular times) and a part that
forgets at once. Neither ``tau`` nor ``rho`` can be told from a hundred levels, so no pair is chosen:
each law of a grid gives a generalised least squares fit, and the fits are averaged with weights
``REML(tau, rho) * min(tau, 2 n) ** 0.25``. The restricted likelihood (Patterson and Thompson 1971)
does not favour laws that take growth for noise, and the prior leans to long memory, because that is
the side on which an error costs a false alarm. Assumes noise that is stationary and, after
averaging over a bucket, about normal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.posterior import NEGLIGIBLE, Posterior

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAUS = (0.3, 0.7, 1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 400.0)
"""Time constants of the part with memory, in buckets."""

RHOS = (0.0, 0.1, 0.3, 0.6, 0.85, 0.95, 0.99)
"""Shares of that part in the variance; none at all is one law, whatever the time constant."""

_LAWS = np.nonzero((np.array(RHOS) > 0) | (np.arange(len(TAUS)) == 0)[:, None])

_LONG_MEMORY = 0.25
_RIDGE = 1e-13


class Laws:
    """Every law of the grid at given times, factored once for all fits there.

    A law's covariance is ``rho K + (1 - rho) I``, so the eigenvectors of K serve every rho.
    ``drift.evidence`` asks the same laws about many columns at once.
    """

    def __init__(self, times: NDArray[np.float64], least_sd: float = 0.0) -> None:
        """``times`` in buckets, ascending; ``least_sd`` is noise that there is at least."""
        self._least_variance = least_sd**2
        apart = np.abs(times[:, None] - times[None, :])
        with_memory = np.exp(-apart / np.array(TAUS)[:, None, None])
        spectra, self._rotations = np.linalg.eigh(with_memory)
        shares = np.array(RHOS)[:, None]
        variances = shares * np.maximum(spectra, 0.0)[:, None, :] + (1 - shares)
        self._precisions = 1 / variances
        self._log_determinants = np.log(variances).sum(axis=2)[_LAWS]
        taus = np.array(TAUS)[_LAWS[0]]
        self._log_prior = _LONG_MEMORY * np.log(np.minimum(taus, 2 * len(times)))

    def fit(self, design: NDArray[np.float64], levels: NDArray[np.float64]) -> Posterior:
        """What is known of the coefficient of the design's last column.

        ``design`` has the shape (n, terms) and full rank, ``levels`` n values; n > terms.
        """
        n, terms = design.shape
        rotated = self._rotations.swapaxes(1, 2) @ np.concatenate([design, levels[:, None]], axis=1)
        products = rotated[:, :, :, None] * rotated[:, :, None, :]
        sums = self._precisions @ products.reshape(len(TAUS), n, -1)
        sums = sums.reshape(len(TAUS), len(RHOS), terms + 1, terms + 1)[_LAWS]
        gram, moments = sums[:, :terms, :terms], sums[:, :terms, terms]
        # Columns that are all but alike share what they explain, rather than fail.
        gram = gram + _RIDGE * gram * np.eye(terms)
        inverse = np.linalg.inv(gram)
        coefficients = np.einsum("kij,kj->ki", inverse, moments)
        squares = sums[:, terms, terms] - np.einsum("ki,ki->k", coefficients, moments)
        # Levels that lie exactly on the design have no noise to speak of, and no logarithm of it.
        squares = np.maximum(squares, np.finfo(float).tiny * 1e10)
        degrees = n - terms
        squares = np.maximum(squares, degrees * self._least_variance)
        variances = squares / degrees
        _sign, log_gram = np.linalg.slogdet(gram)
        restricted = -0.5 * (degrees * np.log(variances) + self._log_determinants + log_gram)
        log_weights = restricted + self._log_prior
        weights = np.exp(log_weights - log_weights.max())
        likelihoods = -0.5 * (n * np.log(squares / n) + self._log_determinants)
        likely = weights > NEGLIGIBLE
        return Posterior(
            coefficients[likely, -1],
            np.sqrt(variances * inverse[:, -1, -1])[likely],
            weights[likely] / weights[likely].sum(),
            degrees,
            float(likelihoods.max()),
        )
