"""How much the data speak for a further term of a regression, under noise of unknown memory.

The laws of noise are those of ``trends.noise``; nothing is chosen among them. A term is a column s
of the design with the prior ``coefficient ~ N(0, (KAPPA sigma)^2)``, sigma the standard deviation of
the levels' noise under the law. With the scale integrated out (Jeffreys) its evidence against none is

    sum_l w_l (1 + KAPPA^2 G)^(-1/2) (1 - KAPPA^2 c^2 / ((1 + KAPPA^2 G) R))^(-nu/2) / sum_l w_l

for each law l with weight w_l (restricted likelihood times prior), where G = s's, c = s'y and
R = y'y after whitening and projection on what no base column explains, nu = n - base columns
(a Bayes factor in closed form; Zellner 1986, Liang et al. 2008 with a fixed scale). Two terms at once
take the same with 2 x 2 matrices. Memory of the noise makes steps of its own: laws with memory then
explain the levels without the term, and the ratio stays small. That is what keeps false steps rare
where a test that assumes independence sees one in four (PELT, E-divisive).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.noise import _LAWS, TAUS, Laws

if TYPE_CHECKING:
    from numpy.typing import NDArray

KAPPA = 4.0
"""Terms are expected to be of a few standard deviations of a level's noise."""

_SMALLEST_REST = 1e-9
"""A column that the base explains up to so little of it adds nothing; levels, nothing to explain."""


class Whitening(Laws):
    """The laws at given times, ready to whiten any number of columns by one product."""

    def __init__(self, times: NDArray[np.float64], longest_memory: float = np.inf) -> None:
        """``times`` in levels' widths; laws with a longer memory than told count for nothing."""
        super().__init__(times)
        forgets = np.array(TAUS)[_LAWS[0]] <= longest_memory
        fixed = self._log_prior - 0.5 * self._log_determinants
        self.log_weights: NDArray[np.float64] = np.where(forgets, fixed, -np.inf)
        """What of each law's weight does not depend on the levels."""

    def gram(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inner products of the columns, shape (n, k), under each law: shape (laws, k, k)."""
        rotated = self._rotations.swapaxes(1, 2) @ columns
        white = np.sqrt(self._precisions)[:, :, :, None] * rotated[:, None]
        return np.asarray(white.swapaxes(2, 3) @ white)[_LAWS]


def whitening(times: NDArray[np.float64], longest_memory: float = np.inf) -> Whitening:
    """The laws at these times; those of the last few regular grids are kept."""
    steps = np.diff(times)
    if len(steps) and np.allclose(steps, 1.0, rtol=0, atol=1e-9):
        return _regular(len(times), longest_memory)
    return Whitening(times, longest_memory)


@functools.lru_cache(maxsize=4)
def _regular(n: int, longest_memory: float) -> Whitening:
    return Whitening(np.arange(n, dtype=np.float64), longest_memory)


@dataclass(frozen=True)
class Products:
    """Inner products of all columns that may be asked about, the levels last: (laws, all, all).

    ``log_weights`` are the laws', ``n`` is the number of levels.
    """

    gram: NDArray[np.float64]
    log_weights: NDArray[np.float64]
    n: int

    @classmethod
    def of(
        cls, laws: Whitening, columns: NDArray[np.float64], levels: NDArray[np.float64]
    ) -> Products:
        """``columns`` has the shape (n, k), ``levels`` n values."""
        gram = laws.gram(np.concatenate([columns, levels[:, None]], axis=1))
        return cls(gram, laws.log_weights, len(levels))

    @property
    def levels(self) -> int:
        """The place of the levels among the columns."""
        return int(self.gram.shape[1]) - 1


@dataclass(frozen=True)
class Evidence:
    """What a base design leaves of some candidate columns, under each law.

    ``inner`` are the candidates' inner products (laws, m, m), ``moments`` those with the levels
    (laws, m), ``rest`` the levels' sum of squares (laws,), ``log_weights`` the laws' (laws,).
    """

    inner: NDArray[np.float64]
    moments: NDArray[np.float64]
    rest: NDArray[np.float64]
    log_weights: NDArray[np.float64]
    degrees: int
    usable: NDArray[np.bool_]

    @classmethod
    def of(
        cls, products: Products, base: NDArray[np.int64], candidates: NDArray[np.int64]
    ) -> Evidence:
        """``base`` and ``candidates`` are places of columns; those of the base have full rank."""
        k, m = len(base), len(candidates)
        chosen = np.concatenate([base, candidates, [products.levels]])
        gram = products.gram[:, chosen[:, None], chosen[None, :]]
        of_base, across, others = gram[:, :k, :k], gram[:, :k, k:], gram[:, k:, k:]
        left = others - np.swapaxes(across, 1, 2) @ np.linalg.solve(of_base, across)
        whole = np.einsum("lii->li", others)[:, :m]
        inner = left[:, :m, :m]
        usable = (np.einsum("lii->li", inner) > _SMALLEST_REST * whole).all(axis=0)
        rest = np.maximum(left[:, m, m], _SMALLEST_REST * others[:, m, m])
        rest = np.maximum(rest, np.finfo(float).tiny * 1e10)
        _sign, log_base = np.linalg.slogdet(of_base)
        degrees = products.n - k
        log_weights = products.log_weights - 0.5 * (log_base + degrees * np.log(rest))
        return cls(inner, left[:, :m, m], rest, log_weights, degrees, usable)

    def singles(self) -> NDArray[np.float64]:
        """Logarithm of the evidence for each candidate alone, against none: m values."""
        own = np.einsum("lii->li", self.inner)
        spread = 1.0 + KAPPA**2 * np.maximum(own, 0.0)
        share = KAPPA**2 * self.moments**2 / (spread * self.rest[:, None])
        gains = -0.5 * np.log(spread) + self._gain(share)
        return np.where(self.usable, self._averaged(gains), -np.inf)

    def pairs(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for two of some candidates at once: a matrix, -inf on and below its diagonal."""
        g = self.inner[:, chosen[:, None], chosen[None, :]]
        c = self.moments[:, chosen]
        own = np.einsum("lii->li", g) + KAPPA**-2
        determinant = own[:, :, None] * own[:, None, :] - g**2
        squares = c**2
        explained = (
            squares[:, :, None] * own[:, None, :]
            + squares[:, None, :] * own[:, :, None]
            - 2 * c[:, :, None] * c[:, None, :] * g
        ) / determinant
        gains = -0.5 * np.log(determinant * KAPPA**4)
        gains += self._gain(explained / self.rest[:, None, None])
        found = self._averaged(gains)
        allowed = np.triu(np.ones(found.shape, dtype=bool), 1)
        allowed &= self.usable[chosen][:, None] & self.usable[chosen][None, :]
        return np.where(allowed, found, -np.inf)

    def _gain(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(-0.5 * self.degrees * np.log1p(-np.clip(share, 0.0, 1 - 1e-12)))

    def _averaged(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        weights = self.log_weights.reshape(-1, *([1] * (gains.ndim - 1)))
        return np.asarray(
            np.logaddexp.reduce(weights + gains, axis=0) - np.logaddexp.reduce(self.log_weights)
        )
