"""What a run says of an objective: the budget it used, how fast it burned, and what it proves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reli_analysis.readers import read
from reli_analysis.slo import PAIRS, PERIOD_S, burning, claim, spent
from reli_analysis.slo.burning import Counts
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script

DAY_S = 86_400


def test_the_error_budget_is_what_the_objective_allows() -> None:
    """99.9 % of 10,000 requests allow ten failures; four use 40 % of them."""
    used = spent(0.999, 10_000, 4)
    assert used.allowed == pytest.approx(10)
    assert (used.used_ratio, used.left_ratio) == pytest.approx((0.4, 0.6))
    assert used.lasts_s == pytest.approx(PERIOD_S / 0.4)
    assert spent(0.999, 10_000, 25).left_ratio == pytest.approx(-1.5)
    assert spent(0.999, 10_000, 0).lasts_s is None


def test_what_can_be_claimed_is_exact() -> None:
    """2,995 clean requests for 99.9 % at 95 %, and one fewer is not enough."""
    enough, few = claim(0.999, 2995, 0), claim(0.999, 2994, 0)
    assert (enough.proves_objective, few.proves_objective) == (True, False)
    assert enough.clean_requests_needed == 2995
    assert few.proven == pytest.approx(0.05 ** (1 / 2994), rel=1e-9)
    one = claim(0.999, 2995, 1)
    assert not one.proves_objective
    assert 1 - one.proven == pytest.approx(4.744 / 2995, rel=0.001)  # the Poisson bound of one
    assert claim(0.999, 100, 1).requests_needed is None
    assert claim(0.999, 5, 5).proven == 0
    assert enough.sentence(2995, 0) == (
        "2,995 requests, of which no failure, prove an availability of at least 99.900 % "
        "at 95 % confidence"
    )


@given(st.integers(1, 10**6), st.integers(0, 200), st.sampled_from([0.9, 0.99, 0.999, 0.9999]))
def test_a_claim_never_exceeds_what_was_seen(
    requests: int, failures: int, objective: float
) -> None:
    """It lies below the availability that was measured, and decides as the objective lies to it."""
    failures = min(failures, requests)
    found = claim(objective, requests, failures)
    assert 0 <= found.proven < 1 - failures / requests + 1e-12
    if abs(found.proven - objective) > 1e-9:
        assert found.proves_objective == (found.proven > objective)
    assert "100.0" not in found.sentence(requests, failures)


def counts(length_s: int, failing: slice, ratio: float, every_s: int = 60) -> Counts:
    """1,000 requests a row; that share of them fails in the rows of ``failing``."""
    failures: NDArray[np.float64] = np.zeros(length_s // every_s)
    failures[failing] = 1000 * ratio
    elapsed_s = np.asarray(np.arange(len(failures)) * float(every_s), np.float64)
    return Counts(elapsed_s, np.full(len(failures), 1000.0), failures, float(every_s))


def test_the_windows_of_the_workbook_fire_as_it_says() -> None:
    """Over three days: a fast burn fires 14.4, a slow one only 1, and none at half the budget."""
    spans = ((0.0, 3.0 * DAY_S),)
    whole = slice(None)
    fast, middle, slow = burning(0.999, counts(3 * DAY_S, whole, 0.015), spans)
    assert [(b.long_s, b.short_s) for b in (fast, middle, slow)] == [
        (of_long_s, of_short_s) for _rate, of_long_s, of_short_s in PAIRS
    ]
    assert fast.highest == pytest.approx(15)
    assert all(burn.fired_s for burn in (fast, middle, slow))
    assert fast.fired_s[0][0] == 3600.0
    fast, middle, slow = burning(0.999, counts(3 * DAY_S, whole, 0.002), spans)
    assert [bool(b.fired_s) for b in (fast, middle, slow)] == [False, False, True]
    assert not any(b.fired_s for b in burning(0.999, counts(3 * DAY_S, whole, 0.0005), spans))


def test_the_short_window_ends_the_alarm() -> None:
    """An hour after an outage the long window still burns; the short one does not."""
    outage = slice(600, 620)
    fast, *_rest = burning(0.999, counts(3 * DAY_S, outage, 0.5), ((0.0, 3.0 * DAY_S),))
    ((began_s, ended_s),) = fast.fired_s
    assert 600 * 60 < began_s <= 605 * 60
    assert 620 * 60 <= ended_s <= 626 * 60


def test_a_short_run_shrinks_the_windows_alike() -> None:
    """Twelve minutes stand for three days: an hour becomes ten seconds, and none is below a row."""
    found = burning(0.999, counts(720, slice(300, 330), 0.5, every_s=1), ((0.0, 720.0),))
    assert [(burn.long_s, burn.short_s) for burn in found] == [(10, 1), (60, 5), (720, 60)]
    assert [bool(burn.fired_s) for burn in found] == [True, True, False]


def test_one_failure_is_no_burning() -> None:
    """However short the window, a single failure is what an objective below 100 % allows."""
    one = counts(720, slice(300, 301), 0.001, every_s=1)
    assert not any(burn.fired_s for burn in burning(0.9999, one, ((0.0, 720.0),)))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=300), st.integers(0, 30))
def test_any_counts_have_burn_rates_that_say_what_was_seen(failed: list[int], asked: int) -> None:
    """No rate exceeds that of a window in which everything failed, and fired means over it."""
    requests = np.full(len(failed), float(asked))
    failures = np.minimum(np.array(failed, dtype=float), asked)
    rows = Counts(np.arange(len(failed), dtype=float), requests, failures, 1.0)
    for burn in burning(0.99, rows, ((0.0, float(len(failed))),)):
        assert burn.highest is None or 0 <= burn.highest <= 100 + 1e-6
        assert not burn.fired_s or (burn.highest is not None and burn.highest >= burn.rate)
        assert (burn.highest is None) == (asked == 0)


def slo_of(path: Path, **script: Any) -> dict[str, Any]:
    run = read(synthetic.write(path / "run", Script(**script)).path)
    finding = ask(run, "availability > 99.9%")
    json.dumps(dict(finding.evidence), allow_nan=False)
    return dict(finding.evidence["slo"])


def test_a_budget_on_availability_carries_its_objective(tmp_path: Path) -> None:
    """What was used, how it burned and what is proven stand in the finding, as plain JSON."""
    slo = slo_of(tmp_path, requests=lambda _s: 100, failures=lambda s: 4 if s == 30 else 0)
    assert (slo["requests"], slo["failures"]) == (6000, 4)
    assert slo["used_ratio"] == pytest.approx(4 / 6)
    assert slo["judged_s"] == 60.0
    assert "shortened 4,320 times, to the 1 min" in slo["scale_sentence"]
    assert [burn["rate"] for burn in slo["burn"]] == [14.4, 6.0, 1.0]
    assert slo["claim"]["clean_requests_needed"] == 2995
    assert not slo["claim"]["proves_objective"]


def test_an_objective_too_high_for_the_run_is_inconclusive(tmp_path: Path) -> None:
    """1,200 clean requests do not make three nines, and the claim says what they make."""
    run = read(synthetic.write(tmp_path / "run", Script()).path)
    finding = ask(run, "availability > 99.9%")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "needs at least 2,995" in finding.message
    assert finding.evidence["slo"]["claim"]["proven"] == pytest.approx(0.05 ** (1 / 1200))
    assert ask(run, "availability > 99%").verdict is Verdict.PASS
