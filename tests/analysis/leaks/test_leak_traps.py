"""What must never be called clean, and what must not be called a leak."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reli_analysis.verdict import Verdict
from support.in_memory import HOUR_S, noisy, run_of, series, tree
from support.judging import ask
from support.synthetic import MIB

FLAT = noisy(100 * MIB, noise=0.1 * MIB)
T = np.arange(HOUR_S)


def _without(*stretches: tuple[int, int]) -> Any:
    values = FLAT.copy()
    for start, end in stretches:
        values[start:end] = np.nan
    return values


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (_without((1800, HOUR_S)), "not measured from 29 min 59 s to 1 h"),
        (_without((0, 1800)), "not measured from 0 s to 30 min"),
        (_without((1000, 2400)), "not measured from 16 min 39 s to 40 min"),
        (np.full(HOUR_S, np.nan), "never measured"),
        (np.zeros(HOUR_S), "0 throughout, which no process has"),
        (-FLAT, "is negative"),
        (FLAT[:240], "too short to tell a leak from a warm-up"),
        (np.where(T % 1200 == 0, FLAT, np.nan), "too few levels"),
    ],
    ids=["stops", "begins late", "a hole", "nothing", "zero", "negative", "short", "three samples"],
)
def test_what_was_not_seen_is_not_clean(values: Any, reason: str) -> None:
    """No data, too little, or none that can be, is INCONCLUSIVE and says why."""
    finding = ask(run_of({"rss_bytes": values}), "no leak in rss above 50MiB/h")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert reason in finding.message


def test_a_target_that_went_away_is_not_clean() -> None:
    """Its samples stop half-way while the run goes on."""
    run = run_of(sampled=[tree("name:a", {"rss_bytes": FLAT[:1800]})])
    finding = ask(run, "no leak in rss above 50MiB/h")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "not measured from 29 min 59 s to 1 h" in finding.message


def test_a_leak_stands_whatever_was_not_watched() -> None:
    """A series that grew until it stopped has leaked."""
    values = FLAT + 40 * MIB * T / HOUR_S
    values[2400:] = np.nan
    assert ask(run_of({"rss_bytes": values}), "no leak in rss above 3MiB/h").verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        (_without(*((n, n + 60) for n in range(0, HOUR_S, 240))), Verdict.PASS),
        (np.where(T % 300 == 7, 0.0, FLAT), Verdict.PASS),
        (np.full(HOUR_S, 100 * MIB), Verdict.PASS),
        (FLAT - 30 * MIB * T / HOUR_S, Verdict.PASS),
        (np.where(T % 500 == 3, -1.0, FLAT), Verdict.PASS),
    ],
    ids=["small gaps", "failed reads", "constant", "falling", "a few that are negative"],
)
def test_what_does_not_grow_is_clean(values: Any, verdict: Verdict) -> None:
    """Gaps, reads that failed and falls keep nothing from being judged."""
    finding = ask(run_of({"rss_bytes": values}), "no leak in rss above 3MiB/h")
    assert finding.verdict is verdict
    told = finding.evidence
    assert told["low_per_h"] <= told["rate_per_h"] <= told["high_per_h"]


def test_whole_numbers_are_cleared_of_what_would_have_shown_alone() -> None:
    """20 descriptors for an hour rule out 3 an hour by the rule of three, and not one an hour."""
    run = run_of({"fds": np.full(HOUR_S, 20.0)})
    finding = ask(run, "no leak in fds")
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["smallest_seen_per_h"] == pytest.approx(3.0, rel=0.01)
    unclear = ask(run, "no leak in fds above 1/h")
    assert unclear.verdict is Verdict.INCONCLUSIVE
    assert unclear.evidence["needed_s"] == pytest.approx(3 * HOUR_S, rel=0.05)
    assert "steps too large" in unclear.message
    longer = run_of({"fds": np.full(4 * HOUR_S, 20.0)})
    assert ask(longer, "no leak in fds above 1/h").verdict is Verdict.PASS


def test_a_queue_that_stays_empty_is_clean() -> None:
    """0 is a level that most counts may have."""
    run = run_of({"queue": np.zeros(HOUR_S), "swap_bytes": np.zeros(HOUR_S)})
    assert ask(run, "no leak in queue").verdict is Verdict.PASS
    assert ask(run, "no leak in swap_bytes").verdict is Verdict.PASS


def test_descriptors_that_leak_one_in_many_requests_are_found() -> None:
    """A staircase of single steps is growth."""
    rng = np.random.default_rng(8)
    fds = 20.0 + np.cumsum(rng.random(HOUR_S) < 40 / HOUR_S)
    finding = ask(run_of({"fds": fds}), "no leak in fds")
    assert finding.verdict is Verdict.FAIL


def test_irregular_moments_are_taken_as_they_are() -> None:
    """Samples at odd distances, some of them twice, change no rate."""
    rng = np.random.default_rng(5)
    times_s = np.sort(rng.choice(np.arange(0, HOUR_S, 0.5), 2000))
    run = run_of({"rss_bytes": FLAT})
    values = 100 * MIB + 12 * MIB * times_s / HOUR_S + 0.1 * MIB * rng.standard_normal(2000)
    odd = series("rss_bytes", values)
    object.__setattr__(odd, "elapsed_s", times_s)
    vars(run)["series"]["rss_bytes"] = odd
    finding = ask(run, "no leak in rss above 3MiB/h")
    assert finding.verdict is Verdict.FAIL
    assert finding.observed == pytest.approx(12 * MIB, rel=0.1)
