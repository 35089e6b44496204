"""How well a leak can be seen by a fit that knows the noise and the leak's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leaks.noises import Part
    from numpy.typing import NDArray

_MEANS = 128


def visible_z(
    growth: NDArray[np.float64],
    lives: NDArray[np.int64],
    parts: tuple[Part, ...],
    step_s: float,
    one_by_one: float = 0.0,
) -> float:
    """Generalised least squares on 128 means: how many standard errors the growth is.

    ``growth`` is the leak itself at each sample, in units; a life has an intercept of its own. The
    covariance of two means is the sum over their samples' lags. ``one_by_one`` is how much a leak
    adds each time when it comes at random: that is a noise too, of ``one_by_one * growth``.
    """
    size = max(1, len(growth) // _MEANS)
    count = len(growth) // size
    leak = growth[: count * size].reshape(count, size).mean(axis=1)
    life = lives[: count * size].reshape(count, size)[:, 0]
    apart = np.arange(1 - size, size)
    lags = np.abs(np.arange(count)[:, None] * size + apart[None, :]) * step_s
    by_lag = sum(part.covariances(lags) for part in parts) @ ((size - np.abs(apart)) / size**2)
    covariance = by_lag[np.abs(np.subtract.outer(np.arange(count), np.arange(count)))]
    covariance = covariance + one_by_one * np.minimum.outer(leak, leak)
    intercepts = (life[:, None] == np.unique(life)[None, :]).astype(float)
    design = np.concatenate([intercepts, leak[:, None]], axis=1)
    white = np.linalg.solve(np.linalg.cholesky(covariance), design)
    information = white.T @ white
    return float(1 / np.sqrt(np.linalg.inv(information)[-1, -1]))
