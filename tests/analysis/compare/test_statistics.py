"""The computation behind a comparison, on numbers whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli_analysis.compare.blocks import cut, ratio_error
from reli_analysis.compare.decide import Among, decide
from reli_analysis.compare.effect import effect_of
from reli_analysis.compare.measured import Measured
from reli_analysis.compare.metrics import METRICS
from reli_analysis.compare.outcome import Outcome, overall
from reli_analysis.compare.quantiles import BlockedLatencies, needed_for
from reli_analysis.compare.repeats import needed_of_each
from reli_analysis.compare.settings import make_settings
from reli_analysis.errors import ReliError
from reli_analysis.latency import ALL_REQUESTS, LatencyLog
from reli_analysis.latency_rows import TagRows
from reli_analysis.multiplicity import q_values
from reli_analysis.record import Histogram, hlog

P95 = METRICS.get("p95")
ERRORS = METRICS.get("error_ratio")


def _side(*values: float, error: float = 0.0) -> list[Measured]:
    return [Measured(value, error, 1000) for value in values]


def _runs(rng: np.random.Generator, level: float, noise: float, count: int) -> list[Measured]:
    return _side(*(level * np.exp(noise * rng.standard_normal(count))))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 400 comparisons of four and four runs, about 95 % hold the true change."""
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        effect = effect_of(P95, _runs(rng, 20, 0.05, 4), _runs(rng, 23, 0.05, 4))
        low, high = effect.interval
        held += low <= math.log(23 / 20) <= high
    assert 0.92 <= held / 400 <= 0.98


def test_the_repeats_that_are_asked_for_decide() -> None:
    """With as many runs as five of each ask for, a change of 5 % is called at least 9 times in 10."""
    rng = np.random.default_rng(2)
    called = 0
    for _ in range(60):
        first = effect_of(P95, _runs(rng, 20, 0.025, 5), _runs(rng, 21, 0.025, 5))
        count = needed_of_each(first, first.floor(P95), 0.01 / 8)
        assert count is not None
        again = effect_of(P95, _runs(rng, 20, 0.025, count), _runs(rng, 21, 0.025, count))
        row = decide("", P95, again, again.p_value * 8, Among(8, count))
        called += row.outcome is Outcome.REGRESSED
    assert called >= 54


def test_one_run_of_each_is_as_uncertain_as_runs_are() -> None:
    """However sure a run is of itself, one of each cannot tell 10 % from the noise between runs."""
    effect = effect_of(P95, _side(20.0, error=0.001), _side(22.0, error=0.001))
    assert not effect.measured_noise
    row = decide("", P95, effect, effect.p_value, Among(1, 1))
    assert row.outcome is Outcome.INCONCLUSIVE
    assert row.of_each is not None


def test_repeats_are_never_surer_than_the_runs_themselves() -> None:
    """Repeats that agree by luck do not hide that each run was uncertain."""
    lucky = effect_of(P95, _side(20.0, 20.0, 20.0, error=2.0), _side(21.0, 21.0, 21.0, error=2.0))
    assert lucky.noise == pytest.approx(0.0975, abs=0.004)


def test_both_floors_must_be_exceeded() -> None:
    """A certain change is REGRESSED only beyond the relative and the absolute floor."""
    among = Among(1, 3)
    for low, high, outcome in (
        (20.0, 22.0, Outcome.REGRESSED),
        (20.0, 20.2, Outcome.PASS),  # 1 %, below 3 %
        (0.1, 0.12, Outcome.PASS),  # 20 %, but 0.02 ms
        (22.0, 20.0, Outcome.IMPROVED),
    ):
        effect = effect_of(P95, _side(low, low, low), _side(high, high, high))
        assert decide("", P95, effect, effect.p_value, among).outcome is outcome


def test_without_a_floor_nothing_is_known_to_be_equal() -> None:
    """A floor of nothing asks for certainty, which no number of runs gives: it is not asked for."""
    metric = next(m for m in make_settings(floors=["p95=0%,0ms"]).metrics if m.name == "p95")
    effect = effect_of(metric, _side(20.0, error=0.1), _side(20.0, error=0.1))
    row = decide("", metric, effect, effect.p_value, Among(1, 1))
    assert (row.outcome, row.of_each) == (Outcome.INCONCLUSIVE, None)


def test_less_throughput_is_worse() -> None:
    """What counts as worse is the metric's own."""
    metric = METRICS.get("throughput")
    effect = effect_of(metric, _side(100.0, 101.0, 99.0), _side(80.0, 81.0, 79.0))
    assert decide("", metric, effect, 0.0, Among(1, 3)).outcome is Outcome.REGRESSED


def test_shares_are_compared_by_difference() -> None:
    """From 0 to 40 % has no relative change, and is within what shares can be."""
    effect = effect_of(ERRORS, _side(0.0, error=0.001), _side(0.4, error=0.02))
    assert effect.relative(effect.estimate) is None
    assert effect.absolute(effect.estimate) == pytest.approx(0.4)
    assert effect.interval[1] <= 1


def test_a_ratio_over_correlated_blocks_is_less_certain() -> None:
    """Neighbouring blocks that resemble each other count for less than independent ones."""
    rng = np.random.default_rng(3)
    independent = rng.normal(10, 1, 32)
    walk = 10 + np.cumsum(rng.normal(0, 0.4, 32))
    ones = np.ones(32)
    assert ratio_error(independent, ones) == pytest.approx(1 / math.sqrt(32), rel=0.5)
    assert ratio_error(walk, ones) > 1.5 * walk.std(ddof=1) / math.sqrt(32)
    assert math.isnan(ratio_error(ones[:7], ones[:7]))


def test_a_quantile_is_as_uncertain_as_its_runs_show() -> None:
    """Woodruff's error of p95 is that of repeated runs, with and without a wandering level."""
    rng = np.random.default_rng(4)
    for wander in (0.0, 0.2):
        values, errors = [], []
        for _ in range(40):
            level = np.repeat(wander * rng.standard_normal(16), 15)
            latencies = np.exp(level[:, None] + 0.4 * rng.standard_normal((240, 20)))
            blocked = BlockedLatencies(_log(latencies), ALL_REQUESTS, cut(((0.0, 240.0),), 1.0))
            values.append(blocked.whole.quantile_ms(0.95) or 0.0)
            errors.append(blocked.error_ms(0.95, blocked.design_effect(0.95)))
        assert float(np.mean(errors)) == pytest.approx(float(np.std(values)), rel=0.45)


def _log(latencies_ms: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> LatencyLog:
    payloads = []
    for second in latencies_ms:
        histogram = Histogram()
        for value in (second * 1e6).astype(int).tolist():
            histogram.record(value)
        payloads.append(hlog.encode(histogram.counts))
    count = len(payloads)
    return LatencyLog({ALL_REQUESTS: TagRows(np.arange(float(count)), np.ones(count), payloads)})


def test_blocks_cover_the_judged_time_once() -> None:
    """Blocks run over a gap as if it were not there: each second lies in one, all in equally many."""
    blocks = cut(((10.0, 40.0), (100.0, 170.0)), 1.0)
    moments = np.concatenate([np.arange(10.0, 40.0), np.arange(100.0, 170.0)])
    sums = blocks.sums(moments, np.ones(100))
    assert sums.sum() == 100
    assert set(sums) == {5.0}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_are_those_of_benjamini_and_hochberg(p_values: list[float]) -> None:
    """They keep the order of the p-values, are never smaller, and follow the definition."""
    q = q_values(p_values)
    count = len(p_values)
    ordered = sorted(p_values)
    for value, own in zip(p_values, q, strict=True):
        rank = ordered.index(value)
        expected = min(1.0, *(ordered[j] * count / (j + 1) for j in range(rank, count)), 1.0)
        assert own == pytest.approx(expected)


def test_nothing_compared_is_no_pass() -> None:
    """No row at all is INCONCLUSIVE; the worst row decides otherwise."""
    assert overall([]) is Outcome.INCONCLUSIVE
    assert overall([Outcome.PASS, Outcome.IMPROVED]) is Outcome.IMPROVED
    assert overall(list(Outcome)) is Outcome.INVALID
    assert needed_for(0.99) == 1000


@given(st.text(max_size=30))
def test_any_floor_is_understood_or_refused(text: str) -> None:
    """Whatever is written as a floor or a noise is taken, or answered by one sentence."""
    for words in ({"floors": [f"p95={text}"]}, {"noise": [text]}, {"floors": [text]}):
        try:
            settings = make_settings(**words)
        except ReliError as error:
            assert str(error)
        else:
            assert all(m.relative_floor >= 0 and m.absolute_floor >= 0 for m in settings.metrics)


def test_floors_and_noise_are_set_by_name() -> None:
    """A share is the relative floor, an amount the absolute one, for that metric alone."""
    settings = make_settings(
        floors=["p95=10%,2ms", "error_ratio=20%,1%", "rss=64MiB"], noise=["7%"]
    )
    by_name = {metric.name: metric for metric in settings.metrics}
    assert (by_name["p95"].relative_floor, by_name["p95"].absolute_floor) == (0.1, 2.0)
    shares = (by_name["error_ratio"].relative_floor, by_name["error_ratio"].absolute_floor)
    assert shares == (0.2, 0.01)
    assert by_name["rss"].absolute_floor == 64 * 2**20
    assert by_name["p50"].relative_floor == METRICS.get("p50").relative_floor
    assert {metric.run_noise_ratio for metric in settings.metrics} == {0.07}
