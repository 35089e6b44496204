"""Budgets on latency: exact from the interval log, proven or not from results.csv alone."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reli_analysis.budgets.bounds import IntervalPercentiles
from reli_analysis.budgets.enough import requests_for_quantile, requests_for_ratio
from reli_analysis.budgets.lookup import matching
from reli_analysis.budgets.proof import at_most, surely_above
from reli_analysis.latency import LatencyCounts
from reli_analysis.readers import read
from reli_analysis.record import Histogram
from reli_analysis.record.layout import RESPONSE_QUANTILES
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> synthetic.Written:
    return synthetic.write(tmp_path_factory.mktemp("runs") / "run", Script())


@pytest.fixture(scope="module")
def run(record: synthetic.Written) -> Run:
    return read(record.path)


@pytest.fixture(scope="module")
def alone(record: synthetic.Written) -> Run:
    return read(record.path / "results.csv")


@pytest.mark.parametrize(("word", "quantile"), [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)])
def test_percentiles_are_those_of_the_steady_window(
    run: Run, record: synthetic.Written, word: str, quantile: float
) -> None:
    """Warm-up and cool-down do not count, and the value is that of the raw latencies."""
    raw = record.between(5, 65)
    exact = float(np.quantile(raw, quantile, method="inverted_cdf"))
    finding = ask(run, f"{word} < 1s")
    assert finding.verdict is Verdict.PASS
    assert finding.observed == pytest.approx(exact, rel=0.001)
    assert (finding.limit, finding.unit) == (1000.0, "ms")
    assert finding.evidence["requests"] == len(raw) == 1200
    assert ask(run, f"{word} < 1us").verdict is Verdict.FAIL
    assert ask(run, f"{word} > 1us").verdict is Verdict.PASS


def test_the_limit_itself_passes_only_or_equal(tmp_path: Path) -> None:
    """``<`` leaves the limit out and ``<=`` takes it in."""
    script = Script(latencies_ms=lambda _r, _s, count: np.full(count, 0.001))
    run = read(synthetic.write(tmp_path / "run", script).path)
    assert ask(run, "p95 < 1us").verdict is Verdict.FAIL
    assert ask(run, "p95 <= 1us").verdict is Verdict.PASS
    assert ask(run, "p95 >= 1us").verdict is Verdict.PASS
    assert ask(run, "p95 > 1us").verdict is Verdict.FAIL


def test_two_levels_warn_and_then_fail(run: Run) -> None:
    """J104: over the first limit is a PASS with a warning, over the second a FAIL."""
    warned = ask(run, "p95 < 1ms, critical 1s")
    assert (warned.verdict, warned.warning) == (Verdict.PASS, True)
    assert warned.limit == 1.0
    assert warned.evidence["critical"] == 1000.0
    failed = ask(run, "p95 < 1ms, critical 2ms")
    assert (failed.verdict, failed.warning, failed.limit) == (Verdict.FAIL, False, 2.0)
    fine = ask(run, "p95 < 1s, critical 2s")
    assert (fine.verdict, fine.warning) == (Verdict.PASS, False)


def test_one_endpoint_a_pattern_and_a_name_without_its_type(
    run: Run, record: synthetic.Written
) -> None:
    """An endpoint is named whole, without its type, or by a pattern."""
    raw = np.concatenate([record.latencies_ms[second][0::2] for second in range(5, 65)])
    exact = float(np.quantile(raw, 0.9, method="inverted_cdf"))
    for name in ("GET /a", "/a", "GET */a", "*/a"):
        finding = ask(run, f'p90 of "{name}" < 1s')
        assert finding.observed == pytest.approx(exact, rel=0.001)
        assert finding.evidence["requests"] == 600
    assert ask(run, 'p90 of "GET /*" < 1s').evidence["requests"] == 1200


def test_an_unknown_endpoint_is_inconclusive_and_names_the_nearest(run: Run) -> None:
    """A typing error in a name never passes."""
    finding = ask(run, 'p90 of "GET /aa" < 1s')
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "nearest: GET /a" in finding.message
    assert "GET /aa" in finding.evidence["advice"]


def test_mean_and_maximum(run: Run, alone: Run, record: synthetic.Written) -> None:
    """Both agree with the raw latencies, from either input."""
    raw = record.between(5, 65)
    for source in (run, alone):
        assert ask(source, "mean < 1s").observed == pytest.approx(raw.mean(), rel=0.001)
        assert ask(source, "max_latency < 1s").observed == pytest.approx(raw.max(), rel=0.001)
    assert ask(run, "max_latency < 1us").verdict is Verdict.FAIL
    assert ask(run, 'mean of "GET /b" < 1s').verdict is Verdict.PASS


def test_service_time_is_response_time_unless_it_differs(run: Run) -> None:
    """Without rows of its own the log's service times are its response times."""
    assert ask(run, "service_p95 < 1s").observed == ask(run, "p95 < 1s").observed


@pytest.mark.parametrize(("word", "needed"), [("p95", 59), ("p99", 299), ("p50", 5)])
def test_too_few_requests_prove_nothing(tmp_path: Path, word: str, needed: int) -> None:
    """A percentile that is kept needs ln 0.05 / ln q requests, and the message counts the rest."""

    def script(requests: int) -> Script:
        return Script(steady_s=1, requests=lambda second: requests if second == 5 else 0)

    few = read(synthetic.write(tmp_path / "few", script(needed - 1)).path)
    finding = ask(few, f"{word} < 1s")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert f"needs at least {needed}, 1 more" in finding.message
    assert finding.observed is not None
    enough = read(synthetic.write(tmp_path / "enough", script(needed)).path)
    assert ask(enough, f"{word} < 1s").verdict is Verdict.PASS


def test_a_clear_break_fails_even_with_few(tmp_path: Path) -> None:
    """FAIL with too few requests only where chance is ruled out at 5 %."""

    def run_of(name: str, slow: int) -> Run:
        def latencies(_rng: object, _second: int, count: int) -> NDArray[np.float64]:
            return np.array([100.0] * min(slow, count) + [1.0] * max(0, count - slow))

        requests = Script(
            steady_s=1, requests=lambda second: 20 if second == 5 else 0, latencies_ms=latencies
        )
        return read(synthetic.write(tmp_path / name, requests).path)

    # 2 of 20 above p95's limit happen by chance with probability 0.26, 4 of 20 with 0.016.
    assert ask(run_of("two", 2), "p95 < 5ms").verdict is Verdict.INCONCLUSIVE
    assert ask(run_of("four", 4), "p95 < 5ms").verdict is Verdict.FAIL
    assert ask(run_of("all", 20), "p95 < 5ms").verdict is Verdict.FAIL
    assert ask(run_of("mean", 20), "mean < 5ms").verdict is Verdict.INCONCLUSIVE


def test_the_numbers_behind_enough() -> None:
    """The needed counts are the smallest that work, and the binomial tail is exact."""
    for quantile in (0.5, 0.9, 0.95, 0.99, 0.999):
        n = requests_for_quantile(quantile)
        assert quantile**n <= 0.05 < quantile ** (n - 1)
    assert requests_for_ratio(0.01) == 299
    assert requests_for_ratio(0.001) == 2995
    assert requests_for_ratio(0.0) == 1
    for n, k, p in ((20, 4, 0.05), (7, 0, 0.3), (7, 7, 0.3), (60, 3, 0.01), (30, 16, 0.5)):
        exact = sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
        assert 1 - at_most(k - 1, n, p) == pytest.approx(exact)
    assert at_most(5, 5, 0.5) == 1.0
    assert at_most(0, 5, 0.0) == 1.0
    assert at_most(2, 5, 1.0) == 0.0
    assert surely_above(4, 20, 0.05)
    assert not surely_above(2, 20, 0.05)


def test_every_window_finds_the_worst(tmp_path: Path) -> None:
    """``over`` fails on a short bad stretch that the whole window's percentile hides."""

    def latencies(_rng: object, second: int, count: int) -> NDArray[np.float64]:
        return np.full(count, 50.0 if 40 <= second < 50 else 2.0)

    run = read(synthetic.write(tmp_path / "run", Script(steady_s=300, latencies_ms=latencies)).path)
    assert ask(run, "p90 < 10ms").verdict is Verdict.PASS
    finding = ask(run, "p95 < 10ms over 10s")
    assert finding.verdict is Verdict.FAIL
    assert finding.observed == pytest.approx(50.0, rel=0.001)
    start, end = finding.evidence["worst_window_s"]
    assert end - start == 10
    assert 30 < start < 50
    assert ask(run, "p95 < 60ms over 10s").verdict is Verdict.PASS
    assert ask(run, "p95 < 10ms, critical 60ms over 10s").warning
    assert ask(run, "p95 < 60ms over 30s").evidence["windows"] == 271


def test_windows_with_too_little_data_are_inconclusive(tmp_path: Path) -> None:
    """What is asked of every window must be seen in every one: a stall is not a PASS."""
    script = Script(requests=lambda second: 0 if 20 <= second < 40 else 20)
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = ask(run, "p95 < 1s over 10s")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "hold too little data" in finding.message
    assert ask(run, "p95 < 1us over 10s").verdict is Verdict.FAIL
    assert "no judged stretch is 5 min long" in ask(run, "p95 < 1s over 5m").message
    assert "are shorter than the intervals" in ask(run, "p95 < 1s over 0.5s").message
    assert "are shorter than the intervals" in ask(run, 'p95 of "/a" < 1s over 5s').message


def test_requests_missing_from_the_log_are_noticed(tmp_path: Path) -> None:
    """A log that holds a part of the counted requests decides nothing."""
    path = synthetic.write(tmp_path / "run", Script()).path
    log = path / "latency.hlog"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[: len(lines) // 2]))
    finding = ask(read(path), "p95 < 1s")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "of the 1,200 requests of the steady window" in finding.message
    assert ask(read(path), "p95 < 1s over 10s").verdict is Verdict.INCONCLUSIVE


def test_results_alone_prove_what_they_can(alone: Run, record: synthetic.Written) -> None:
    """A limit far away is proven kept or broken; one between the bounds is INCONCLUSIVE."""
    exact = float(np.quantile(record.between(5, 65), 0.95, method="inverted_cdf"))
    kept = ask(alone, "p95 < 1s")
    assert kept.verdict is Verdict.PASS
    low, high = kept.evidence["at_least_ms"], kept.evidence["at_most_ms"]
    assert low <= exact * 1.001
    assert high >= exact * 0.999
    assert kept.observed == high
    broken = ask(alone, "p95 < 1ms")
    assert (broken.verdict, broken.observed) == (Verdict.FAIL, low)
    unknown = ask(alone, f"p95 < {exact:.3f}ms")
    assert unknown.verdict is Verdict.INCONCLUSIVE
    assert "run directory" in unknown.evidence["advice"]
    assert ask(alone, "p95 < 1ms, critical 1s").warning
    assert ask(alone, "p95 > 1ms").verdict is Verdict.PASS
    assert ask(alone, "p95 > 1s").verdict is Verdict.FAIL
    assert ask(alone, "service_p95 < 1s").verdict is Verdict.PASS
    for text in ('p95 of "/a" < 1s', "p95 < 1s over 10s"):
        assert ask(alone, text).verdict is Verdict.INCONCLUSIVE


LATENCIES = st.lists(
    st.lists(st.integers(1, 5000), min_size=0, max_size=40), min_size=1, max_size=12
)


@given(LATENCIES, st.sampled_from([0.5, 0.9, 0.95, 0.99, 0.73]), st.integers(1, 5000))
def test_the_bounds_always_hold_the_truth(
    intervals: list[list[int]], quantile: float, limit_ns: int
) -> None:
    """Whatever the latencies, what the intervals' percentiles prove is true."""
    if not any(intervals):
        return
    columns: dict[float, NDArray[np.float64]] = {}
    histograms = [Histogram() for _ in intervals]
    for histogram, values in zip(histograms, intervals, strict=True):
        for value in values:
            histogram.record(value)
    for q in RESPONSE_QUANTILES.values():
        found = [h.quantile_ms(q) for h in histograms]
        columns[q] = np.array([np.nan if value is None else value for value in found])
    known = IntervalPercentiles.of(np.array([float(len(v)) for v in intervals]), columns)
    merged = Histogram()
    for histogram in histograms:
        merged.merge(histogram)
    indexes = sorted(merged.counts)
    truth = LatencyCounts(np.array(indexes), np.array([merged.counts[i] for i in indexes]))
    limit_ms = limit_ns / 1e6
    for or_equal in (False, True):
        at_least, at_most = known.bounds(limit_ms, or_equal=or_equal)
        assert at_least <= truth.count_below(limit_ms, or_equal=or_equal) <= at_most
    lowest, highest = known.quantile_range_ms(quantile)
    exact = truth.quantile_ms(quantile)
    assert exact is not None
    assert lowest is None or lowest <= exact
    assert highest is None or highest >= exact


def test_the_bounds_are_as_tight_as_can_be() -> None:
    """With its median at the 50th of 100, an interval has at least 50 up to it."""
    columns = {0.5: np.array([5.0]), 1.0: np.array([9.0])}
    known = IntervalPercentiles.of(np.array([100.0]), columns)
    assert known.bounds(5.0, or_equal=True) == (50, 99)
    assert known.bounds(5.0, or_equal=False) == (0, 49)
    assert known.bounds(9.0, or_equal=True) == (100, 100)
    assert known.bounds(9.5, or_equal=False) == (100, 100)
    assert known.quantile_range_ms(0.5) == (5.0, 5.0)
    assert known.quantile_range_ms(0.4) == (None, 5.0)
    assert known.quantile_range_ms(0.6) == (5.0, 9.0)


def test_brackets_in_names_are_no_pattern_where_the_name_is_there() -> None:
    """Locust's own way to group names holds brackets; a pattern is tried when nothing equals it."""
    names = ["GET /item?id=[id]", "GET /item?id=i", "POST /x"]
    assert matching(names, "GET /item?id=[id]") == ("GET /item?id=[id]",)
    assert matching(names[1:], "GET /item?id=[id]") == ("GET /item?id=i",)
    assert matching(names, "*") == tuple(names)
    assert matching(names, "/x") == ("POST /x",)


def test_no_data_is_never_a_pass(tmp_path: Path) -> None:
    """Without requests, without steady time, without the columns: INCONCLUSIVE, with the reason."""
    silent = read(synthetic.write(tmp_path / "silent", Script(requests=lambda _s: 0)).path)
    table = tmp_path / "other.csv"
    table.write_text("time,x\n" + "".join(f"{t},1\n" for t in range(100)))
    warming = read(synthetic.write(tmp_path / "warming", Script(steady_s=0, warm_up_s=9)).path)
    other = read(table)
    for run, reason in (
        (silent, "no request was answered"),
        (warming, "no steady window"),
        (other, "neither an interval log nor the columns"),
    ):
        finding = ask(run, "p95 < 1s")
        assert finding.verdict is Verdict.INCONCLUSIVE
        assert reason in finding.message
    assert ask(other, "mean < 1s").verdict is Verdict.INCONCLUSIVE
    assert ask(other, "max_latency < 1s").verdict is Verdict.INCONCLUSIVE
