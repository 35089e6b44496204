"""Which steps, and whether a slope, the levels of a series ask for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.drift.evidence import Evidence, Products, Whitening

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = math.log(20.0)
"""Evidence from which a term is believed, chosen by measurement: see benchmarks/drift_table.py."""

MOST_STEPS = 6
_PAIR_OVER_SINGLE = math.log(10.0)
_SWEEPS = 2
_COVERED = 0.95


@dataclass(frozen=True)
class Terms:
    """``steps`` are the places of first levels of the new, ``slope`` the place where one begins."""

    steps: tuple[int, ...] = ()
    slope: int | None = None

    @property
    def count(self) -> int:
        return len(self.steps) + (self.slope is not None)


@dataclass(frozen=True)
class Place:
    """Where one step lies: a probability for each place (they add up to 1), and its evidence."""

    probabilities: NDArray[np.float64]
    log_evidence: float

    @property
    def best(self) -> int:
        return int(np.argmax(self.probabilities))

    @property
    def interval(self) -> tuple[int, int]:
        """The central 95 % of the places, which holds the best one."""
        edge = (1 - _COVERED) / 2
        up_to = np.cumsum(self.probabilities)
        low = int(np.searchsorted(up_to, edge))
        high = int(np.searchsorted(up_to, 1 - edge - 1e-12))
        return min(low, self.best), max(min(high, len(up_to) - 1), self.best)


class Search:
    """The levels of one series with their laws; each question is asked given other terms."""

    def __init__(
        self,
        laws: Whitening,
        times: NDArray[np.float64],
        levels: NDArray[np.float64],
        others: NDArray[np.float64],
        fewest: int,
    ) -> None:
        """``times`` in levels' widths; ``others`` (n, k) are columns that explain levels beside.

        ``fewest`` levels are the least between two steps, and before the first and after the last.
        """
        n = len(levels)
        self._n, self._fewest = n, fewest
        scale = float(np.std(levels)) or 1.0
        base = np.concatenate([np.ones((n, 1)), others], axis=1)
        steps = (np.arange(n)[:, None] >= np.arange(n)[None, :]).astype(float)
        self._kinks = np.unique([0, *range(max(2, n // 16), 3 * n // 4, max(1, n // 24))])
        length = max(float(times[-1] - times[0]), 1e-9)
        late = np.maximum(times[:, None] - times[None, self._kinks], 0.0) / length
        self._columns = np.concatenate([base, steps, 2.0 * late], axis=1)
        self._base = np.arange(base.shape[1])
        self._products = Products.of(laws, self._columns, (levels - levels.mean()) / scale)

    def _step(self, at: NDArray[np.int64] | tuple[int, ...]) -> NDArray[np.int64]:
        """The columns of steps at some places."""
        return len(self._base) + np.asarray(at, np.int64)

    def _slope(self, begins: int) -> int:
        """The column of the slope that begins at one of the kinks."""
        return len(self._base) + self._n + int(np.searchsorted(self._kinks, begins))

    def _of(self, terms: Terms) -> NDArray[np.int64]:
        slope = [] if terms.slope is None else [self._slope(terms.slope)]
        return np.concatenate([self._base, self._step(terms.steps), slope]).astype(np.int64)

    def column_of_slope(self, begins: int) -> NDArray[np.float64]:
        """It climbs from 0 to the last value from ``begins`` on."""
        return self._columns[:, self._slope(begins)]

    def design(self, terms: Terms) -> NDArray[np.float64]:
        """The base with these terms' columns, shape (n, k)."""
        return self._columns[:, self._of(terms)]

    def places(self, terms: Terms) -> NDArray[np.int64]:
        """Where a further step may lie: far enough from both ends and from the other steps."""
        at = np.arange(self._fewest, self._n - self._fewest + 1)
        for step in terms.steps:
            at = at[np.abs(at - step) >= self._fewest]
        return at

    def best(self) -> Terms:
        """Adds terms while one is believed, each moved to where it fits best.

        Those that the others then do without are left out again.
        """
        terms = Terms()
        while len(terms.steps) < MOST_STEPS:
            more = self._more(terms)
            if more is None:
                break
            terms = self._moved(more)
        return self._needed(terms)

    def _more(self, terms: Terms) -> Terms | None:
        """These terms with the further one, or pair of steps, that is believed most."""
        at, kinks = self.places(terms), self._kinks
        with_slope = terms.slope is None
        candidates = [self._step(at)]
        if with_slope:
            candidates.append(np.array([self._slope(k) for k in kinks]))
        found = Evidence.of(self._products, self._of(terms), np.concatenate(candidates))
        singles = found.singles()
        step, slope = singles[: len(at)], singles[len(at) :]
        options: list[tuple[float, Terms]] = []
        if len(at):
            chosen = (*terms.steps, int(at[np.argmax(step)]))
            options.append((_mean(step), replace(terms, steps=tuple(sorted(chosen)))))
        if with_slope and len(kinks):
            # Half of the belief in slopes is in one over the whole series.
            whole, late = slope[0], _mean(slope[1:])
            evidence = float(np.logaddexp(whole, late) - math.log(2))
            begins = int(
                kinks[np.argmax(np.concatenate([[whole + math.log(len(kinks))], slope[1:]]))]
            )
            options.append((evidence, replace(terms, slope=begins)))
        if len(at) > 1 and len(terms.steps) + 2 <= MOST_STEPS:
            options += self._pair(found, at, terms, options)
        if not options:
            return None
        evidence, more = max(options, key=lambda option: option[0])
        return more if evidence > THRESHOLD else None

    def _pair(
        self,
        found: Evidence,
        at: NDArray[np.int64],
        terms: Terms,
        options: list[tuple[float, Terms]],
    ) -> list[tuple[float, Terms]]:
        """Two steps at once, such as a rise that is given back, where one alone is not believed."""
        if max(option[0] for option in options) > THRESHOLD:
            return []
        both = found.pairs(np.arange(len(at)))
        apart = (at[None, :] - at[:, None]) >= self._fewest
        both = np.where(apart, both, -np.inf)
        if not apart.any():
            return []
        evidence = float(np.logaddexp.reduce(both, axis=None) - math.log(apart.sum()))
        first, second = np.unravel_index(int(np.argmax(both)), both.shape)
        chosen = (*terms.steps, int(at[first]), int(at[second]))
        return [(evidence - _PAIR_OVER_SINGLE, replace(terms, steps=tuple(sorted(chosen))))]

    def _moved(self, terms: Terms) -> Terms:
        for _ in range(_SWEEPS):
            before = terms
            for step in terms.steps:
                others = replace(terms, steps=tuple(s for s in terms.steps if s != step))
                place = self.place(others)
                if place is not None:
                    terms = replace(others, steps=tuple(sorted((*others.steps, place.best))))
            if terms == before:
                break
        return terms

    def _needed(self, terms: Terms) -> Terms:
        """Without the terms that the others make needless, the least believed first."""
        while terms.count:
            least, without = min(self._each_left_out(terms), key=lambda option: option[0])
            if least > THRESHOLD:
                break
            terms = without
        return terms

    def _each_left_out(self, terms: Terms) -> list[tuple[float, Terms]]:
        options: list[tuple[float, Terms]] = []
        for step in terms.steps:
            others = replace(terms, steps=tuple(s for s in terms.steps if s != step))
            place = self.place(others)
            options.append((-math.inf if place is None else place.log_evidence, others))
        if terms.slope is not None:
            without = replace(terms, slope=None)
            options.append((self.slope_evidence(terms), without))
        return options

    def slope_evidence(self, terms: Terms) -> float:
        """Logarithm of the evidence for the slope of some terms, given their steps."""
        assert terms.slope is not None
        base = self._of(replace(terms, slope=None))
        column = np.array([self._slope(terms.slope)])
        return float(Evidence.of(self._products, base, column).singles()[0])

    def place(self, terms: Terms) -> Place | None:
        """Where a further step lies, given some terms; ``None`` when there is no room for one."""
        at = self.places(terms)
        if not len(at):
            return None
        found = Evidence.of(self._products, self._of(terms), self._step(at))
        evidence = found.singles()
        if not np.isfinite(evidence).any():
            return None
        probabilities = np.zeros(self._n)
        probabilities[at] = np.exp(evidence - np.logaddexp.reduce(evidence))
        return Place(probabilities, _mean(evidence))


def _mean(log_evidence: NDArray[np.float64]) -> float:
    if not len(log_evidence):
        return -math.inf
    return float(np.logaddexp.reduce(log_evidence) - math.log(len(log_evidence)))
