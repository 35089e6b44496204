"""A run cut into blocks of time, and how sure a number is that was made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import BLOCKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.selection import Spans

FEWEST_BLOCKS = 8
_ROWS_IN_BLOCK = 2
_MOST_CORRELATION = 0.9


@dataclass(frozen=True)
class Blocks:
    """Equal stretches of the judged time; ``edges_s`` are on the clock that runs in it alone."""

    spans: Spans
    edges_s: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edges_s) - 1

    def of(self, elapsed_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """The block of each of these moments, which lie within the spans."""
        starts, ends = np.array(self.spans).T
        before = np.concatenate(([0.0], np.cumsum(ends - starts)))
        at = np.clip(np.searchsorted(starts, elapsed_s + 1e-3, side="right") - 1, 0, None)
        own_s = before[at] + elapsed_s + 1e-3 - starts[at]
        at = np.searchsorted(self.edges_s, own_s, side="right") - 1
        return np.asarray(np.clip(at, 0, len(self) - 1), np.int64)

    def sums(
        self, elapsed_s: NDArray[np.float64], values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The sum of the values in each block; what was not measured counts nothing."""
        weights = np.nan_to_num(values)
        return np.asarray(np.bincount(self.of(elapsed_s), weights, len(self)), np.float64)


def cut(spans: Spans, row_s: float) -> Blocks:
    """At most 20 equal blocks, each at least two rows of ``row_s`` long."""
    whole_s = sum(end - start for start, end in spans)
    count = int(min(BLOCKS, max(1, whole_s // (_ROWS_IN_BLOCK * row_s))))
    return Blocks(spans, np.linspace(0.0, whole_s, count + 1))


def ratio_error(above: NDArray[np.float64], below: NDArray[np.float64]) -> float:
    """The standard error of ``sum(above) / sum(below)``, each given by block.

    With R the ratio and d = above - R below, its variance is B/(B-1) sum(d^2) / sum(below)^2, the
    linearised ratio estimator of survey sampling (Cochran, Sampling Techniques, 1977, 6.3) with
    the blocks as clusters, times (1 + r)/(1 - r) for the correlation r of neighbouring d (bias of
    1/B added back, 0 to 0.9). Assumes that blocks further apart are about independent. NaN for fewer
    than 8 blocks.
    """
    total, count = float(below.sum()), len(below)
    if count < FEWEST_BLOCKS or total <= 0:
        return math.nan
    residuals = above - float(above.sum()) / total * below
    square = float(residuals @ residuals)
    if square <= 0:
        return 0.0
    neighbours = float(residuals[1:] @ residuals[:-1]) / square + 1 / count
    correlation = min(max(neighbours, 0.0), _MOST_CORRELATION)
    widened = (1 + correlation) / (1 - correlation)
    return math.sqrt(count / (count - 1) * square * widened) / total
