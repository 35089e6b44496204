"""``no drift in ...`` of whole records: the three answers, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.budgets import parse
from reli_analysis.budgets.evaluate import evaluate, units_of
from reli_analysis.readers import read
from reli_analysis.series import Run, Series
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script

LENGTH_S = 600
Factor = Callable[[int], float]


def slower(factor: Factor) -> Callable[[np.random.Generator, int, int], NDArray[np.float64]]:
    """Latencies around 5 ms times a factor that depends on the second."""

    def latencies_ms(source: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
        return np.asarray(5 * factor(second) * np.exp(0.4 * source.standard_normal(count)))

    return latencies_ms


def record(tmp_path: Path, factor: Factor, **more: Any) -> Run:
    """A run of ten minutes at 40 requests a second."""
    script = Script(
        steady_s=LENGTH_S, requests=lambda _second: 40, latencies_ms=slower(factor), **more
    )
    return read(synthetic.write(tmp_path / "run", script).path)


def series(values: NDArray[np.float64], name: str = "p95_ms", unit: str = "ms") -> Run:
    """A run of one column, a value a second."""
    elapsed_s = np.arange(float(len(values)))
    return Run("run", Path("run.csv"), {name: Series(name, unit, elapsed_s, values)})


def noisy(level: float | NDArray[np.float64], n: int = 3600, seed: int = 1) -> NDArray[np.float64]:
    """Noise of 6 % about a level."""
    return np.asarray(level * (1 + 0.06 * np.random.default_rng(seed).standard_normal(n)))


def changes(finding: Finding) -> list[dict[str, Any]]:
    found = finding.evidence["changes"]
    assert isinstance(found, list)
    return found


def test_what_does_not_drift_passes_and_says_above_what(tmp_path: Path) -> None:
    """The percentile of merged histograms, per cell of the run."""
    finding = ask(record(tmp_path, lambda _second: 1.0), "no drift in p95 above 15%")
    assert finding.verdict is Verdict.PASS, finding.message
    low, high = finding.evidence["interval"]
    assert low < 0 < high
    assert finding.limit is not None
    assert high < finding.limit
    assert finding.evidence["answer"] == "NO DRIFT ABOVE"
    assert finding.evidence["fit"]["points"]


def test_slow_degradation_fails_with_its_rate_and_interval(tmp_path: Path) -> None:
    """So much an hour and over the run; the interval holds the true rate."""
    finding = ask(record(tmp_path, lambda second: 1 + 0.5 * second / LENGTH_S), "no drift in p50")
    assert finding.verdict is Verdict.FAIL, finding.message
    assert "an hour" in finding.message
    truth_per_h = 5 * 0.5 / LENGTH_S * 3600
    assert finding.evidence["low_per_h"] < truth_per_h < finding.evidence["high_per_h"]
    assert changes(finding) == []


def test_a_step_is_told_with_its_moment_and_the_event_before_it(tmp_path: Path) -> None:
    """40 s after the restart of redis, within three intervals of the truth."""
    events = ((335.0, "restart", "redis", "ended by a signal"), (100.0, "breach", "p95", "broken"))
    run = record(tmp_path, lambda second: 1.0 if second < 375 else 1.3, events=events)
    finding = ask(run, "no drift in p95")
    assert finding.verdict is Verdict.FAIL, finding.message
    (change,) = changes(finding)
    assert abs(change["at_s"] - 375) <= 3
    assert change["low_s"] <= 375 <= change["high_s"]
    assert change["because"].endswith("after the restart of redis")
    assert change["because"] in finding.message
    assert change["before"] == pytest.approx(9.65, rel=0.05)


def test_a_rise_that_passes_is_told_and_is_no_drift(tmp_path: Path) -> None:
    """What goes away again is a warning, not a failure."""
    run = record(tmp_path, lambda second: 1.6 if 250 <= second < 350 else 1.0)
    finding = ask(run, "no drift in p50 above 15%")
    assert finding.verdict is Verdict.PASS, finding.message
    assert finding.warning
    assert "passing" in finding.message
    assert len(changes(finding)) == 2


def test_a_rise_at_the_very_end_is_neither_drift_nor_none() -> None:
    """Whether it stays cannot be known yet, and the finding says how long to run."""
    level = np.where(np.arange(3600) >= 3540, 1.5, 1.0)
    finding = ask(series(noisy(12 * level)), "no drift in p95_ms")
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.message
    assert "too late" in finding.message
    assert finding.evidence["needed_s"] > 3600


def test_what_goes_away_in_the_last_check_is_no_drift_yet() -> None:
    """A rise of half an hour that ended a minute ago may come back, or not."""
    second = np.arange(3600)
    level = np.where((second >= 1500) & (second < 3497), 1.3, 1.0)
    values = 12 * level * (1 + 0.15 * np.random.default_rng(3).standard_normal(3600))
    finding = ask(series(values), "no drift in p95_ms")
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.message
    assert "whether it stays" in finding.message


def test_what_gets_better_is_no_failure() -> None:
    """Faster is not drift, and neither is a throughput that rises; one that falls is."""
    step = np.where(np.arange(3600) >= 2000, 0.7, 1.0)
    assert ask(series(noisy(12 * step)), "no drift in p95_ms").verdict is Verdict.PASS
    falls = series(noisy(500 * step), "completed_per_s", "1/s")
    assert ask(falls, "no drift in completed_per_s").verdict is Verdict.FAIL
    rises = series(noisy(500 / step), "completed_per_s", "1/s")
    assert ask(rises, "no drift in completed_per_s").verdict is Verdict.PASS


def test_a_column_whose_good_side_is_not_known_may_drift_either_way() -> None:
    """A hit ratio that falls may be as bad as a queue that grows."""
    step = np.where(np.arange(3600) >= 2000, 0.7, 1.0)
    for level in (step, 1 / step):
        finding = ask(series(noisy(80 * level), "hits", "count"), "no drift in hits")
        assert finding.verdict is Verdict.FAIL


def test_a_slow_start_does_not_hide_a_later_step() -> None:
    """The end is compared with the level that the run had settled to, not with its warm-up."""
    second = np.arange(3600)
    level = np.where(second < 400, 1.35, np.where(second < 2500, 1.0, 1.25))
    finding = ask(series(noisy(12 * level)), "no drift in p95_ms")
    assert finding.verdict is Verdict.FAIL, finding.message


@pytest.mark.parametrize("period_s", [60, 450])
def test_a_rhythm_is_named_and_is_no_drift(period_s: int) -> None:
    """A checkpoint's peaks come back; the time from one to the next is told."""
    peaks = np.where(np.arange(3600) % period_s < period_s / 8, 2.0, 1.0)
    finding = ask(series(noisy(12 * peaks)), "no drift in p95_ms")
    assert finding.verdict is Verdict.PASS, finding.message
    assert finding.evidence["rhythm"]["period_s"] == pytest.approx(period_s, rel=0.02)
    assert "short peak" in finding.message


def test_noise_with_memory_is_no_drift() -> None:
    """Twenty runs that wander about one level: none fails."""
    verdicts = []
    for seed in range(20):
        source = np.random.default_rng(seed)
        slow = np.repeat(source.standard_normal(60), 60)
        values = 12 * (1 + 0.05 * source.standard_normal(3600) + 0.02 * slow)
        verdicts.append(ask(series(values), "no drift in p95_ms").verdict)
    assert Verdict.FAIL not in verdicts


def test_what_the_generator_did_itself_is_no_drift_of_the_target(tmp_path: Path) -> None:
    """Latency that rose with the generator's own lag says nothing about the target."""
    run = record(
        tmp_path,
        lambda second: 1 + 0.6 * second / LENGTH_S,
        columns={"loop_lag_ms": lambda second: 1 + 8 * second / LENGTH_S},
    )
    finding = ask(run, "no drift in p95")
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.message
    assert "loop_lag_ms" in finding.message


def test_more_load_by_plan_is_no_drift(tmp_path: Path) -> None:
    """Latency that follows the planned users has a level for each number of them."""

    def users(second: int) -> float:
        return 10.0 if second < 305 else 20.0

    run = record(tmp_path, lambda second: 0.9 + 0.01 * users(second), columns={"users": users})
    finding = ask(run, "no drift in p50 above 15%")
    assert finding.verdict is not Verdict.FAIL, finding.message
    assert "planned loads" in finding.message


def test_cpu_per_request_tells_costlier_requests_from_more_of_them(tmp_path: Path) -> None:
    """More CPU for as many requests is drift; CPU as it was is none."""
    costlier = record(
        tmp_path,
        lambda _second: 1.0,
        columns={"cpu_cores": lambda second: 0.4 + 0.2 * second / LENGTH_S + 0.01 * (second % 3)},
    )
    finding = ask(costlier, "no drift in cpu per request")
    assert finding.verdict is Verdict.FAIL, finding.message
    assert finding.unit == "ms"
    assert finding.evidence["start"] == pytest.approx(10, rel=0.1)
    assert ask(costlier, "no drift in throughput").verdict is Verdict.PASS
    assert ask(costlier, "no drift in error_ratio").verdict is Verdict.PASS


def test_one_endpoint_can_drift_and_each_subject_has_its_finding(tmp_path: Path) -> None:
    """One line may name several; each finding says of what it speaks."""
    run = record(tmp_path, lambda second: 1 + 0.5 * second / LENGTH_S)
    budget = parse('no drift in p50, throughput of "GET /a"', units_of(run))
    latency, throughput = evaluate(budget, run)
    assert latency.verdict is Verdict.FAIL
    assert latency.subject == 'p50 of "GET /a"'
    assert throughput.verdict is Verdict.PASS, throughput.message


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        ("no drift in nothing_such", "no column or metric"),
        ("no drift in p95", "interval log"),
        ("no drift in max_latency", "single requests"),
        ("no drift in p95_ms per request", "adds up"),
        ("no drift in p95_ms above 3MiB", "in ms"),
    ],
)
def test_what_cannot_be_judged_says_why(budget: str, says: str) -> None:
    """No data is never PASS."""
    run = series(noisy(12.0), "p96_ms" if budget.endswith("p95") else "p95_ms")
    finding = ask(run, budget)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert says in finding.message


def test_too_short_a_run_says_how_long_it_must_be() -> None:
    """A minute is no time to drift in."""
    finding = ask(series(noisy(12.0, 60)), "no drift in p95_ms")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "at least" in str(finding.evidence["advice"])


def test_too_few_requests_for_a_percentile_say_how_many(tmp_path: Path) -> None:
    """p99.9 of a few thousand requests has no course over time."""
    finding = ask(record(tmp_path, lambda _second: 1.0), "no drift in p99.9")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.evidence["requests_needed"] > finding.evidence["requests"]


def test_a_series_that_stops_half_way_is_not_called_clean() -> None:
    """What was not watched may have drifted."""
    run = series(noisy(12.0))
    elapsed_s, values = run.series["p95_ms"].elapsed_s, run.series["p95_ms"].values.copy()
    values[2000:] = np.nan
    half = replace(
        run,
        series={
            "p95_ms": Series("p95_ms", "ms", elapsed_s, values),
            "users": Series("users", "count", elapsed_s, np.full(3600, 5.0)),
        },
    )
    finding = ask(half, "no drift in p95_ms")
    assert finding.verdict is Verdict.INCONCLUSIVE, finding.message
