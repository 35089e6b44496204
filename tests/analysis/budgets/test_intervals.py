"""Intervals hold the truth as often as they say, also where neighbours in time are alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from reli_analysis.budgets.enough import requests_for_ratio
from reli_analysis.budgets.intervals import (
    Interval,
    clopper_pearson,
    effective,
    mean_interval,
    quantile_ranks,
    share_interval,
)
from reli_analysis.budgets.proof import needed_to_prove, surely_above, surely_below
from reli_analysis.selection import BLOCKS

TRIES = st.integers(1, 100_000)
QUANTILES = st.sampled_from([0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999])


@given(TRIES, st.floats(0, 1))
def test_the_exact_interval_holds_what_was_seen(total: int, share: float) -> None:
    """It contains the share itself, is symmetric, and says 0 or 1 only of none or all."""
    hits = round(share * total)
    low, high = clopper_pearson(hits, total)
    assert 0 <= low <= hits / total <= high <= 1
    assert (low == 0) == (hits == 0)
    assert (high == 1) == (hits == total)
    other_low, other_high = clopper_pearson(total - hits, total)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.95])
@pytest.mark.parametrize("total", [10, 59, 200])
def test_the_exact_interval_covers_every_share(share: float, total: int) -> None:
    """Summed over all that can happen, the truth lies inside at least 95 % of the time."""
    ends = [clopper_pearson(hits, total) for hits in range(total + 1)]
    covered = sum(
        stats.binom.pmf(hits, total, share)
        for hits, (low, high) in enumerate(ends)
        if low <= share <= high
    )
    assert covered >= 0.95


@given(TRIES, QUANTILES)
def test_ranks_of_a_percentile_are_those_of_the_binomial(total: int, quantile: float) -> None:
    """As SciPy's quantiles of the binomial, and no rank where there is no value beyond."""
    low, high = quantile_ranks(quantile, total, total)
    first = int(stats.binom.ppf(0.025, total, quantile))
    last = int(stats.binom.ppf(0.975, total, quantile)) + 1
    assert low == (first if first >= 1 else None)
    assert high == (last if last <= total else None)


@given(TRIES, QUANTILES, st.floats(0.01, 1))
def test_fewer_independent_values_never_narrow_an_interval(
    total: int, quantile: float, share: float
) -> None:
    """What is worth less says less: ranks lie at or outside those of independent values."""
    low, high = quantile_ranks(quantile, total, total)
    wide_low, wide_high = quantile_ranks(quantile, total, max(1.0, share * total))
    slack = 2 + 1 / share  # whole ranks of fewer tries are coarser
    assert wide_low is None or (low is not None and wide_low <= low + slack)
    assert wide_high is None or (high is not None and wide_high >= high - slack)
    assert wide_low is None or wide_high is None or wide_low <= wide_high


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=BLOCKS))
def test_tries_are_worth_at_most_their_number(counts: list[tuple[int, int]]) -> None:
    """Whatever the stretches hold, the interval is one of at most that many tries."""
    hits = np.array([min(h, t) for h, t in counts], dtype=float)
    totals = np.array([t for _h, t in counts], dtype=float)
    worth, blocks = effective(hits, totals)
    assert 0 <= worth <= totals.sum()
    assert blocks == int((totals > 0).sum())
    found = share_interval(hits, totals)
    if totals.sum():
        assert found.low is not None
        assert found.high is not None
        assert found.low <= hits.sum() / totals.sum() + 1e-9
        assert found.high >= hits.sum() / totals.sum() - 1e-9
        flipped = found.complement()
        assert flipped.low == pytest.approx(1 - found.high)
    else:
        assert found == Interval(None, None, 0)


def test_an_outage_is_worth_less_than_failures_here_and_there() -> None:
    """Failures of one stretch say little of how often there are such stretches."""
    totals = np.full(BLOCKS, 500.0)
    spread = share_interval(np.full(BLOCKS, 5.0), totals)
    outage = share_interval(np.array([100.0] + [0.0] * (BLOCKS - 1)), totals)
    assert spread.high is not None
    assert outage.high is not None
    assert spread.high < 0.013
    assert outage.high > 0.03
    assert outage.effective is not None
    assert outage.effective < 200


def walk(rng: np.random.Generator, alike: float, seconds: int, each: int) -> NDArray[np.float64]:
    """Normal values by second: each second's level is ``alike`` the one before it."""
    levels = np.empty(seconds)
    levels[0] = rng.standard_normal()
    steps = rng.standard_normal(seconds) * math.sqrt(1 - alike**2)
    for at in range(1, seconds):
        levels[at] = alike * levels[at - 1] + steps[at]
    return levels[:, None] * math.sqrt(0.5) + rng.standard_normal((seconds, each)) * math.sqrt(0.5)


@pytest.mark.parametrize("alike", [0.0, 0.8])
def test_a_share_of_requests_that_are_alike_is_covered(alike: float) -> None:
    """Half of what makes a request slow it shares with its second; the truth is known: 5 %."""
    rng = np.random.default_rng(5)
    limit = stats.norm.ppf(0.95)
    covered = naive = 0
    runs = 200
    for _ in range(runs):
        slow = (walk(rng, alike, 400, 20) > limit).reshape(BLOCKS, -1)
        found = share_interval(slow.sum(axis=1), np.full(BLOCKS, slow.shape[1]))
        low, high = clopper_pearson(int(slow.sum()), slow.size)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.05 <= found.high
        naive += low <= 0.05 <= high
    assert covered / runs >= 0.91
    assert naive / runs < 0.75  # what taking them as independent would claim


@pytest.mark.parametrize("alike", [0.0, 0.8])
def test_a_mean_of_values_that_are_alike_is_covered(alike: float) -> None:
    """Batch means hold the true mean, 0, about 19 times in 20."""
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(200):
        blocks = walk(rng, alike, 400, 5).reshape(BLOCKS, -1)
        found = mean_interval(blocks.sum(axis=1), np.full(BLOCKS, float(blocks.shape[1])))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0 <= found.high
    assert 0.90 <= covered / 200 <= 0.99


def test_one_stretch_has_no_batch_means() -> None:
    """Without a second one, nothing says how much they differ."""
    assert mean_interval(np.array([5.0]), np.array([2.0])) == Interval(None, None, 1)


@given(TRIES, st.floats(0.0001, 0.9999))
def test_what_is_proven_without_a_failure_is_the_rule_of_three(total: int, limit: float) -> None:
    """With none on the wrong side, proof is the number of requests that the limit needs."""
    assert surely_below(0, total, limit) == (total >= requests_for_ratio(limit))


@given(st.integers(1, 2000), st.integers(0, 2000), st.floats(0.001, 0.999))
def test_nothing_is_proven_both_ways(total: int, hits: int, share: float) -> None:
    """A share surely below a limit is not surely above it, and each needs to lie on its side."""
    hits = min(hits, total)
    below, above = surely_below(hits, total, share), surely_above(hits, total, share)
    assert not (below and above)
    assert not below or hits / total < share
    assert not above or hits / total > share


def test_how_many_would_prove_it() -> None:
    """With the same share; what lies at its limit is never proven."""
    needed = needed_to_prove(8, 1000, 0.01)
    assert needed is not None
    assert surely_below(0.008 * needed, needed, 0.01)
    assert not surely_below(0.008 * needed * 0.98, needed * 0.98, 0.01)
    assert needed_to_prove(10, 1000, 0.01) is None
