"""What is kept has to be proven: few, or too near a limit, is INCONCLUSIVE and says what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.readers import read
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script


def run_of(path: Path, slow: int, requests: int) -> Run:
    """A steady minute in which so many of all requests take 100 ms, evenly spread, and others 1 ms."""
    each = requests // 60

    def latencies(_rng: object, second: int, count: int) -> NDArray[np.float64]:
        at = (second - 5) * each + np.arange(count)
        steps = (at + 1) * slow // requests - at * slow // requests
        return np.where((steps > 0) & (5 <= second < 65), 100.0, 1.0)

    script = Script(requests=lambda _second: each, latencies_ms=latencies)
    return read(synthetic.write(path / f"{slow}-{requests}", script).path)


def test_three_requests_keep_no_budget(tmp_path: Path) -> None:
    """Whatever is asked of them, and however good they were."""
    three = Script(requests=lambda second: 3 if second == 5 else 0)
    run = read(synthetic.write(tmp_path / "run", three).path)
    for text in (
        "p95 < 1h",
        "p50 < 1h",
        "service_p99 < 1h",
        "mean < 1h",
        "max_latency < 1h",
        "error_ratio < 20%",
        "availability > 50%",
        "throughput > 0.02/s",
        'p95 of "/a" < 1h',
        'errors of "X" < 1%',
    ):
        assert ask(run, text).verdict is Verdict.INCONCLUSIVE, text


def test_three_samples_keep_no_budget(tmp_path: Path) -> None:
    """A foreign file of three rows says nothing of a level."""
    path = tmp_path / "three.csv"
    path.write_text("time,cpu\n0,0.1\n1,0.1\n2,0.1\n")
    run = read(path)
    for text in ("cpu < 1", "max cpu < 1", "mean cpu < 1", "min cpu > 0", "last cpu < 1"):
        assert ask(run, text).verdict is Verdict.INCONCLUSIVE, text
    assert ask(run, "max cpu < 0.05").verdict is Verdict.FAIL


def test_a_percentile_near_its_limit_is_not_proven(tmp_path: Path) -> None:
    """45 of 1,200 over the limit prove that fewer than 5 % are; 55 do not, and 61 break it."""
    proven = ask(run_of(tmp_path, 45, 1200), "p95 < 50ms")
    assert proven.verdict is Verdict.PASS
    assert proven.observed == pytest.approx(1.0, rel=0.001)
    near = ask(run_of(tmp_path, 55, 1200), "p95 < 50ms")
    assert near.verdict is Verdict.INCONCLUSIVE
    assert near.observed == pytest.approx(1.0, rel=0.001)
    assert near.evidence["interval"][1] == pytest.approx(100, rel=0.001)
    told = re.search(r"1,200 requests do not prove it; about ([\d,]+) would tell", near.message)
    assert told is not None
    assert 4000 < int(told[1].replace(",", "")) == near.evidence["requests_needed"] < 20000
    broken = run_of(tmp_path, 61, 1200)
    assert ask(broken, "p95 < 50ms").verdict is Verdict.FAIL
    assert ask(broken, "p95 > 50ms").verdict is Verdict.INCONCLUSIVE
    assert ask(run_of(tmp_path, 90, 1200), "p95 > 50ms").verdict is Verdict.PASS


def test_of_two_limits_the_critical_one_is_proven(tmp_path: Path) -> None:
    """The first only warns, so nothing rests on it."""
    run = run_of(tmp_path, 55, 1200)
    assert ask(run, "p95 < 50ms, critical 1s").verdict is Verdict.PASS
    assert not ask(run, "p95 < 50ms, critical 1s").warning


def test_a_share_near_its_limit_is_not_proven(tmp_path: Path) -> None:
    """Six failures of 1,200 prove fewer than 1 %, eleven do not, thirteen break it."""

    def failing(failures: int) -> Run:
        script = Script(failures=lambda second: 1 if 5 <= second < 5 + failures else 0)
        return read(synthetic.write(tmp_path / str(failures), script).path)

    assert ask(failing(5), "error_ratio < 1%").verdict is Verdict.PASS
    eleven, thirteen = failing(11), failing(13)
    near = ask(eleven, "error_ratio < 1%")
    assert (near.verdict, near.observed) == (Verdict.INCONCLUSIVE, 11 / 1200)
    assert near.evidence["requests_needed"] > 1200
    assert ask(thirteen, "error_ratio < 1%").verdict is Verdict.FAIL
    assert ask(eleven, "availability > 99%").verdict is Verdict.INCONCLUSIVE
    assert ask(thirteen, "error_ratio > 1%").verdict is Verdict.INCONCLUSIVE
    assert ask(failing(40), "error_ratio > 1%").verdict is Verdict.PASS
    at_the_limit = ask(failing(12), "error_ratio <= 1%")
    assert at_the_limit.verdict is Verdict.INCONCLUSIVE
    assert "no number of requests would tell" in at_the_limit.message


def test_a_mean_near_its_limit_is_not_proven(tmp_path: Path) -> None:
    """It has to keep the limit by 1.645 standard errors."""
    run = run_of(tmp_path, 45, 1200)  # mean 4.71 ms, standard error 0.54 ms
    assert ask(run, "mean < 4.8ms").verdict is Verdict.INCONCLUSIVE
    assert ask(run, "mean < 6ms").verdict is Verdict.PASS
    assert ask(run, "mean < 4.7ms").verdict is Verdict.FAIL


def test_each_finding_says_how_sure_its_number_is(tmp_path: Path) -> None:
    """The interval stands in the evidence and in the sentence, and holds the number."""
    run = read(synthetic.write(tmp_path / "run", Script(failures=lambda s: s % 2)).path)
    for text in (
        "p95 < 1s",
        "service_p50 < 1s",
        "mean < 1s",
        "error_ratio < 10%",
        "availability > 90%",
        "mean rss < 1GiB",
        "throughput > 1/s",
        "p95 < 1s over 10s",
        "error_ratio < 50% over 10s",
        'p90 of "/a" < 1s',
        'errors of "Boom" < 10%',
    ):
        finding = ask(run, text)
        assert finding.verdict is Verdict.PASS, text
        low, high = finding.evidence["interval"]
        assert finding.observed is not None
        assert low is None or low <= finding.observed, text
        assert high is None or high >= finding.observed, text
        assert finding.evidence["interval_level"] == 0.95
        assert "95 % interval" in finding.message


def test_failures_that_come_together_prove_less(tmp_path: Path) -> None:
    """One outage in a run says little of how many there are: half of the limit is not proven."""
    script = Script(
        requests=lambda _second: 200, failures=lambda second: 30 if second in {30, 31} else 0
    )
    run = read(synthetic.write(tmp_path / "run", script).path)
    near = ask(run, "error_ratio < 1%")
    assert (near.verdict, near.observed) == (Verdict.INCONCLUSIVE, 0.005)
    assert "comes together in time, so that 12,000 requests do not prove it" in near.message
    assert 1 < near.evidence["times_as_long"] < 4
    finding = ask(run, "error_ratio < 2%")
    assert finding.verdict is Verdict.PASS
    assert "so another run may break it" in finding.message
    assert finding.evidence["interval"][1] > 0.02
    assert finding.evidence["effective_requests"] < 600
    spread = Script(requests=lambda _second: 200, failures=lambda _second: 1)
    even = ask(read(synthetic.write(tmp_path / "even", spread).path), "error_ratio < 1%")
    assert (even.verdict, even.observed) == (Verdict.PASS, 0.005)


def test_slow_requests_that_come_together_prove_less(tmp_path: Path) -> None:
    """4 % of the requests over p95's limit in two stretches are not proven fewer than 5 %."""

    def latencies(_rng: object, second: int, count: int) -> NDArray[np.float64]:
        slow = {30: 0.6, 50: 0.6}.get(second // 2 * 2, 0.0)
        return np.where(np.arange(count) < slow * count, 100.0, 1.0)

    script = Script(requests=lambda _second: 200, latencies_ms=latencies)
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = ask(run, "p95 < 50ms")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "comes together in time" in finding.message
    assert ask(run, "p90 < 50ms").verdict is Verdict.PASS


def test_what_is_no_better_than_its_limit_seldom_passes(tmp_path: Path) -> None:
    """Of 40 runs whose true p95 is the limit at most six are PASS: two are meant by design."""
    scale = 50.0 / float(np.exp(0.5 * 1.6448536))

    def latencies(rng: np.random.Generator, _second: int, count: int) -> NDArray[np.float64]:
        return np.asarray(scale * np.exp(0.5 * rng.standard_normal(count)))

    passed = 0
    for seed in range(40):
        script = Script(steady_s=10, latencies_ms=latencies, seed=seed)
        run = read(synthetic.write(tmp_path / str(seed), script).path)
        passed += ask(run, "p95 < 50ms").verdict is Verdict.PASS
    assert passed <= 6
