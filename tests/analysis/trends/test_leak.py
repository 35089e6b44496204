"""The three answers, on scripted series whose truth is known."""

import math

import numpy as np
import pytest

from reli_analysis.trends.leak import Growth, find_leak
from reli_analysis.trends.left_out import EARLIER_LIFE, WARM_UP
from support.levels import HOUR_S, clock, observed, white

T = clock()
U = T / HOUR_S
X = 3.0
"""What matters: 3 units an hour on a base of 100, in series of an hour."""

LOAD = 100 * (1 + 0.6 * np.sin(2 * np.pi * U * 4))
TEETH = 20 * ((U * 20) % 1)

CLEAN = {
    "flat": 100 + 0 * U,
    "falling": 100 - 20 * U,
    "warm-up": 100 - 40 * np.exp(-U / 0.03),
    "cache to its cap": 100 + 50 * np.minimum(U / 0.2, 1),
    "sawtooth": 100 + TEETH,
    "one step": 100 + 20.0 * (U > 0.6),
    "pulses": 100 + 15.0 * ((U % 0.25) > 0.23),
    "wave": 100 + 3 * np.sin(2 * np.pi * 7 * U),
}
SLOW = {
    "slow warm-up": 100 - 60 * np.exp(-U / 0.5),
    "logarithm": 100 + 9 * np.log1p(U / 0.01),
    "cache that fills late": 100 + 50 * np.minimum(U / 0.7, 1),
}
LEAKY = {
    "linear": 100 + 10 * U,
    "under a sawtooth": 100 + TEETH + 10 * U,
    "after a warm-up": 100 - 40 * np.exp(-U / 0.03) + 10 * U,
    "staircase": 100 + np.floor(U * 20) / 2,
    "under a falling cache": 100 + 30 * np.exp(-U / 0.1) + 15 * U,
    "reset once": 100 + 20 * np.where(U < 0.4, U, U - 0.4),
    "under pulses": 100 + 15.0 * ((U % 0.25) > 0.23) + 10 * U,
}


@pytest.mark.parametrize("name", CLEAN)
def test_clean_series_are_cleared(name: str) -> None:
    """However they look, no leak above a rate below what matters."""
    found = find_leak(observed(T, CLEAN[name] + white(T)), X)
    assert found.growth is Growth.NONE, found.why
    assert 0 <= found.smallest_seen_per_h <= X
    assert found.needed_s is None
    assert found.began_s is None


@pytest.mark.parametrize("name", SLOW)
def test_growth_that_may_end_is_no_leak(name: str) -> None:
    """Growth that slows down accuses nobody."""
    assert find_leak(observed(T, SLOW[name] + white(T)), X).growth is not Growth.LEAK


@pytest.mark.parametrize("name", LEAKY)
def test_leaks_are_found_with_their_rate(name: str) -> None:
    """The interval holds the true rate, and the beginning is told."""
    truth = {"under a falling cache": 15.0, "reset once": 20.0}.get(name, 10.0)
    found = find_leak(observed(T, LEAKY[name] + white(T)), X)
    estimate, low, high = found.rates_per_h
    assert found.growth is Growth.LEAK, found.why
    assert low <= truth <= high
    assert estimate == pytest.approx(truth, rel=0.2)
    assert found.began_s is not None
    assert found.p_value < 0.01


def test_growth_of_one_life_is_not_that_of_another() -> None:
    """A restart is no fall and no rise; a last life that leaks is told, and what was before it."""
    lives = (U > 0.5).astype(np.int64)
    levels = np.where(lives == 1, 60.0, 100.0)
    flat = find_leak(observed(T, levels + white(T), lives), X)
    assert flat.growth is Growth.NONE
    late = find_leak(observed(T, levels + 20 * np.maximum(U - 0.5, 0) + white(T), lives), X)
    assert late.growth is Growth.LEAK
    assert EARLIER_LIFE in {one.why for one in late.left_out}
    assert late.began_s == pytest.approx(1800, abs=200)
    both = find_leak(observed(T, levels + 20 * (U % 0.5) + white(T), lives), X)
    assert both.growth is Growth.LEAK
    assert both.rates_per_h[0] == pytest.approx(20, rel=0.1)


def test_a_load_explains_what_it_holds() -> None:
    """Memory that follows a recorded load is no leak, and a leak beneath it is one."""
    held = 0.2 * LOAD
    assert find_leak(observed(T, 100 + held + white(T), load=LOAD), X).growth is Growth.NONE
    leaky = find_leak(observed(T, 100 + held + 10 * U + white(T), load=LOAD), X)
    assert leaky.growth is Growth.LEAK
    per_1000 = leaky.rates_per_1000_requests
    assert per_1000 is not None
    assert per_1000[0] == pytest.approx(10 / (LOAD.mean() * 3.6), rel=0.1)
    assert leaky.requests_per_s == pytest.approx(LOAD.mean(), rel=0.01)


def test_what_the_noise_hides_is_unknown_and_says_how_long_it_takes() -> None:
    """Noise as large as what matters leaves the answer open; needed is longer than the run."""
    loud = 100 + 8 * np.repeat(white(T[::60], 1.0, seed=5), 60)
    found = find_leak(observed(T, loud + white(T)), X)
    assert found.growth is Growth.UNKNOWN
    assert found.needed_s is not None
    assert found.needed_s > 1.8 * HOUR_S
    assert found.smallest_seen_per_h > X


def test_too_little_is_unknown() -> None:
    """Nothing at all, NaN only, and a handful of samples have no slope, and no error."""
    for count in (0, 1, 5, 20):
        times = np.arange(float(count))
        for values in (times + 1, np.full(count, np.nan)):
            found = find_leak(observed(times, values), X)
            assert found.growth is Growth.UNKNOWN
            assert found.slope is None
            assert math.isnan(found.rates_per_h[0])
            assert found.p_value == 1.0
            assert found.window_s is None
            assert found.points == ()
            assert found.line == ()


def test_a_constant_is_cleared_only_as_far_as_it_can_be_seen() -> None:
    """A counter that never moves has no leak above one an hour in an hour, whatever is asked."""
    counts = np.where(U < 0.05, 19.0, 20.0)
    found = find_leak(observed(T, counts), 2.0)
    assert found.growth is Growth.NONE
    assert 0.9 < found.smallest_seen_per_h <= 2.0
    assert find_leak(observed(T, counts), 0.5).growth is Growth.UNKNOWN


def test_the_evidence_is_what_was_judged() -> None:
    """Points, line and window speak of the same stretch, and the warm-up is told."""
    found = find_leak(observed(T, LEAKY["after a warm-up"] + white(T)), X)
    assert found.window_s is not None
    start_s, end_s = found.window_s
    assert {one.why for one in found.left_out} == {WARM_UP}
    assert found.left_out[0].to_s <= start_s
    assert found.points[0][0] == start_s
    assert found.line[0][0] == start_s
    assert found.line[-1][0] == end_s
    for time_s, estimate, low, high in found.line:
        assert low < estimate < high
        assert estimate == pytest.approx(100 + 10 * time_s / HOUR_S, abs=0.5)
    assert found.last_level == pytest.approx(110, abs=1)
    assert find_leak(observed(T, CLEAN["sawtooth"]), X).sawtooth_s == pytest.approx(180, rel=0.05)


def test_order_and_offset_do_not_matter() -> None:
    """Shuffled samples and another unit give the same answer and the same rate."""
    values = LEAKY["linear"] + white(T)
    plain = find_leak(observed(T, values), X)
    order = np.random.default_rng(2).permutation(len(T))
    shuffled = find_leak(observed(T[order], values[order]), X)
    bytes_ = find_leak(observed(T, values * 2.0**20), X * 2.0**20)
    assert shuffled.rates_per_h == pytest.approx(plain.rates_per_h)
    assert bytes_.rates_per_h == pytest.approx([r * 2.0**20 for r in plain.rates_per_h], rel=1e-6)
    assert plain.growth is shuffled.growth is bytes_.growth is Growth.LEAK
