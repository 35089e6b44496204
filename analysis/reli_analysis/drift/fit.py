"""The regression by which the change over a run is told: its steps, and a slope beside them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.drift.evidence import whitening
from reli_analysis.trends.spread import NORMAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drift.changes import Levels
    from reli_analysis.drift.model import Shape
    from reli_analysis.trends.posterior import Posterior

FEWEST_A_LEVEL = 3

STILL_THERE = 0.5
"""The share of X by which late levels have to differ to count as changed."""

_OVER_NOISE = 4.0


class Fit:
    """The regression of levels with the steps of their shape."""

    def __init__(self, levels: Levels, shape: Shape) -> None:
        self._levels = levels
        self._laws = whitening(levels.times)
        at = [
            int(np.searchsorted(levels.elapsed_s, c.at_s - levels.width_s / 2))
            for c in shape.changes
        ]
        n = len(levels)
        self._at = sorted({min(max(place, 1), n - 1) for place in at})
        self._slope = shape.slope
        self._sloped = shape.slope is not None or not self._at
        begins = 0
        if shape.slope is not None:
            begins = int(np.searchsorted(levels.elapsed_s, shape.slope.begins_s - 1e-6))
        self._clock = np.maximum(levels.times - levels.times[begins], 0.0)
        self._clock /= max(float(self._clock[-1]), 1e-9)
        self._steps = (np.arange(n)[:, None] >= np.array(self._at, int)[None, :]).astype(float)
        self._base = np.concatenate([np.ones((n, 1)), levels.others], axis=1)
        columns = [self._base, self._steps]
        if self._sloped:
            columns.append(self._clock[:, None])
        design = np.concatenate(columns, axis=1)
        coefficients = np.linalg.lstsq(design, levels.values, rcond=None)[0]
        ours = np.ones(design.shape[1], dtype=bool)
        ours[1 : self._base.shape[1]] = False
        self.fitted: NDArray[np.float64] = design[:, ours] @ coefficients[ours]
        self.fitted += (
            float((design[:, ~ours] @ coefficients[~ours]).mean()) if (~ours).any() else 0
        )
        self._rest = levels.values - design @ coefficients
        self.plain: NDArray[np.float64] = self.fitted + self._rest

    def reference(self, worse: int) -> int:
        """The level that the end is compared with: the first one, or one that outlasted all before.

        So a slow start does not hide what came after the run had settled.
        """
        bounds = [*self._at, len(self._levels)]
        best = 0
        for first, last in itertools.pairwise(bounds):
            better = (self.fitted[first] - self.fitted[best]) * worse < 0
            if better and last - first > first:
                best = first
        return best

    def change(self, reference: int) -> Posterior:
        """From the reference to the end: later steps, and the slope when one is believed."""
        return self._change(reference, sloped=self._sloped)

    def bound(self, reference: int) -> Posterior:
        """The same with a slope, believed or not: what no interval of steps alone rules out."""
        return self._change(reference, sloped=True)

    def _change(self, reference: int, *, sloped: bool) -> Posterior:
        """Slope and later steps together, as the coefficient of one column of the design."""
        later = [k for k, at in enumerate(self._at) if at > reference]
        gained = [self._steps[:, k] for k in later]
        if sloped or not later:
            climbed = float(1.0 - self._clock[reference])
            gained.append(self._clock / climbed)
        earlier = [self._steps[:, k] for k in range(len(self._at)) if k not in later]
        last = gained[-1]
        others = [column - last for column in gained[:-1]]
        design = np.column_stack([self._base, *earlier, *others, last])
        return self._laws.fit(design, self._levels.values)

    def by_ends(self) -> float:
        """The last quarter less the first, beside what others explain."""
        quarter = max(1, len(self.plain) // 4)
        return float(self.plain[-quarter:].mean() - self.plain[:quarter].mean())

    def late(self, side: int, threshold: float) -> bool:
        """Whether the last levels, too few for a step, lie X and 4 noise above what was fitted."""
        noise = NORMAL * float(np.median(np.abs(self._rest))) + 1e-12
        for count in range(1, FEWEST_A_LEVEL + 1):
            last = side * self._rest[-count:]
            if last.min() > STILL_THERE * threshold and last.mean() > max(
                threshold, _OVER_NOISE * noise
            ):
                return True
        return False
