"""How often the intervals of findings hold the truth, and how often a budget at its limit passes.

Latencies of 10 minutes at 20 requests a second, log-normal around 2 ms with a known 95th percentile.
Half of the variance of their logarithm each request shares with its second, whose level is ``alike``
the one of the second before (an autoregression of first order). Prints a table of shares of runs.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.intervals import (
    effective,
    mean_interval,
    quantile_ranks,
    reach,
    share_interval,
)
from reli_analysis.budgets.proof import surely_below
from reli_analysis.latency import rank
from reli_analysis.selection import BLOCKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNS = 500
SECONDS, EACH = 600, 20
QUANTILE = 0.95
SPREAD = 0.5
TRUE_P95_MS = 2 * math.exp(SPREAD * 1.6448536269514722)
TRUE_MEAN_MS = 2 * math.exp(SPREAD**2 / 2)
ALIKE = (None, 0.0, 0.5, 0.9, 0.98)


def latencies_ms(rng: np.random.Generator, alike: float | None) -> NDArray[np.float64]:
    """By stretch of time and request; independent ones for ``None``."""
    own = rng.standard_normal((SECONDS, EACH))
    if alike is None:
        return np.asarray(2 * np.exp(SPREAD * own)).reshape(BLOCKS, -1)
    levels = np.empty(SECONDS)
    levels[0] = rng.standard_normal()
    steps = math.sqrt(1 - alike**2) * rng.standard_normal(SECONDS)
    for at in range(1, SECONDS):
        levels[at] = alike * levels[at - 1] + steps[at]
    both = math.sqrt(0.5) * (levels[:, None] + own)
    return np.asarray(2 * np.exp(SPREAD * both)).reshape(BLOCKS, -1)


def seen(blocks: NDArray[np.float64]) -> dict[str, float]:
    """What is true of one run: an interval that holds the truth, a verdict."""
    ordered, total = np.sort(blocks, axis=None), blocks.size
    observed = ordered[rank(QUANTILE, total) - 1]
    totals = np.full(BLOCKS, float(blocks.shape[1]))
    worth, _stretches = effective((blocks <= observed).sum(axis=1).astype(float), totals)

    def holds(worth: float) -> bool:
        low, high = quantile_ranks(QUANTILE, total, worth)
        return (low is None or ordered[low - 1] <= TRUE_P95_MS) and (
            high is None or ordered[high - 1] >= TRUE_P95_MS
        )

    def verdict(limit_ms: float) -> str:
        if observed >= limit_ms:
            return "FAIL"
        above = int((blocks >= limit_ms).sum())
        slow = (blocks >= limit_ms).sum(axis=1).astype(float)
        alone = surely_below(above, total, 1 - QUANTILE)
        alike = above / total + reach(slow, totals) < 1 - QUANTILE
        return "PASS" if alone and alike else "INCONCLUSIVE"

    share = share_interval((blocks > TRUE_P95_MS).sum(axis=1).astype(float), totals)
    mean = mean_interval(blocks.sum(axis=1), totals)
    assert share.low is not None
    assert share.high is not None
    assert mean.low is not None
    assert mean.high is not None
    return {
        "p95's interval": holds(worth),
        "as if independent": holds(float(total)),
        "share's interval": share.low <= 1 - QUANTILE <= share.high,
        "mean's interval": mean.low <= TRUE_MEAN_MS <= mean.high,
        "effective requests": worth / total,
        "limit at the truth: PASS": verdict(TRUE_P95_MS) == "PASS",
        "limit 10 % above: PASS": verdict(1.1 * TRUE_P95_MS) == "PASS",
        "10 %: INCONCLUSIVE": verdict(1.1 * TRUE_P95_MS) == "INCONCLUSIVE",
        "limit 30 % above: PASS": verdict(1.3 * TRUE_P95_MS) == "PASS",
        "30 %: INCONCLUSIVE": verdict(1.3 * TRUE_P95_MS) == "INCONCLUSIVE",
    }


def main() -> None:
    """One row of shares of the runs a law."""
    first = True
    for law, alike in enumerate(ALIKE):
        rng = np.random.default_rng([law, 2026])
        runs = [seen(latencies_ms(rng, alike)) for _ in range(RUNS)]
        if first:
            print("| Alike |", " | ".join(runs[0]), "|")
            print("|---" * (len(runs[0]) + 1) + "|")
            first = False
        name = "independent" if alike is None else f"{alike:g}"
        cells = (f"{100 * np.mean([run[key] for run in runs]):.1f} %" for key in runs[0])
        print(f"| {name} |", " | ".join(cells), "|")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
