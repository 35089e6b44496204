"""The growth from one end of a run to the other, and how well it is known."""

from __future__ import annotations

import numpy as np
import pytest

from reli_analysis.budgets.edges import edges
from reli_analysis.verdict import Verdict
from support.in_memory import HOUR_S, noisy, run_of, series
from support.judging import ask
from support.synthetic import MIB


@pytest.mark.parametrize("memory", [0.0, 0.9, 0.99])
def test_the_interval_holds_no_growth_where_there_is_none(memory: float) -> None:
    """Of 60 series without growth, whose noise forgets slowly, few are told to have grown."""
    rng = np.random.default_rng(11)
    missed = 0
    for _ in range(60):
        steps = rng.standard_normal(1200)
        values = np.zeros(1200)
        for n in range(1, 1200):
            values[n] = memory * values[n - 1] + steps[n]
        found = edges(series("x", 1000 + values))
        missed += not found.low <= 0 <= found.high
    assert missed <= 9


def test_the_interval_is_about_the_medians() -> None:
    """It holds the difference that is told, and the growth that there was; peaks move neither."""
    values = noisy(100, noise=1, per_h=0) + 40 * (np.arange(HOUR_S) > 1800)
    values[[10, 20, HOUR_S - 5]] = 10_000
    found = edges(series("x", values))
    assert found.low <= found.growth <= found.high
    assert found.low <= 40 <= found.high
    assert found.high - found.low < 3
    flat = edges(series("x", np.full(100, 7.0)))
    assert (flat.growth, flat.low, flat.high) == (0, 0, 0)
    assert ask(run_of({"fds": np.full(300, 20.0)}), "growth fds <= 0").verdict is Verdict.PASS


def test_noise_that_may_have_decided_is_inconclusive() -> None:
    """A limit that is kept, yet lies within the interval, is no PASS; past it the run was."""
    rng = np.random.default_rng(2)
    values = 100 * MIB + 10 * MIB * rng.standard_normal(200)
    run = run_of({"rss_bytes": values}, step_s=5.0)
    finding = ask(run, "growth rss < 8MiB")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "too little data to be sure" in finding.message
    low, high = finding.evidence["interval"]
    assert finding.observed is not None
    assert low < finding.observed < 8 * MIB < high
    assert ask(run, "growth rss < 60MiB").verdict is Verdict.PASS
    assert ask(run, "growth rss < 1MiB").verdict is Verdict.FAIL
    grown = run_of({"rss_bytes": values + 300 * MIB * (np.arange(200) > 100)}, step_s=5.0)
    assert ask(grown, "growth rss < 60MiB").verdict is Verdict.FAIL
