"""Budgets on one window of the run, on each endpoint, and on one class of errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.record.layout import FAILURES_CSV, OTHER
from reli_analysis.series import Run
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script

FAULT = range(65, 125)


def slow_in_the_fault(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Around 2 ms, and ten times that while the fault lasts."""
    factor = 10.0 if second in FAULT else 1.0
    return np.asarray(factor * 2.0 * np.exp(0.5 * rng.standard_normal(count)))


FAULTED = Script(
    steady_s=180,
    fault=FAULT,
    latencies_ms=slow_in_the_fault,
    failures=lambda second: 10 if second in FAULT else 0,
    columns={
        "hits": lambda second: 3.0 * second,
        "calls": lambda second: 10.0 * second,
        "hit_ratio": lambda _second: 0.3,
        "level": lambda second: 9.0 if second in FAULT else 1.0,
    },
    metrics=(
        MetricSpec("hits", "counter", "calls that hit"),
        MetricSpec("calls", "counter", "all calls"),
        MetricSpec("hit_ratio", "ratio", "hits by calls", "ratio", "hits", "calls"),
        MetricSpec("level", "gauge", "a level"),
    ),
)


@pytest.fixture(scope="module")
def faulted(tmp_path_factory: pytest.TempPathFactory) -> synthetic.Written:
    """One minute of steady load, one of a fault, one of steady load."""
    return synthetic.write(tmp_path_factory.mktemp("runs") / "run", FAULTED)


@pytest.fixture(scope="module")
def run(faulted: synthetic.Written) -> Run:
    return read(faulted.path)


def test_a_budget_in_the_fault_sees_the_fault_alone(run: Run, faulted: synthetic.Written) -> None:
    """And one that says nothing, or steady, sees none of it."""
    exact = float(np.quantile(faulted.between(65, 125), 0.95, method="inverted_cdf"))
    finding = ask(run, "p95 < 1s in fault")
    assert finding.observed == pytest.approx(exact, rel=0.001)
    assert (finding.verdict, finding.evidence["windows_s"]) == (Verdict.PASS, [[65.0, 125.0]])
    assert "1,200 requests in 1 min of the fault window" in finding.message
    assert finding.message.startswith("p95 in fault is")
    steady = ask(run, "p95 < 1s in steady")
    assert steady.observed == ask(run, "p95 < 1s").observed
    assert steady.evidence["windows_s"] == [[5.0, 65.0], [125.0, 185.0]]
    assert ask(run, "p95 < 10ms in fault").verdict is Verdict.FAIL
    assert ask(run, "p95 < 10ms").verdict is Verdict.PASS


def test_every_function_is_measured_in_its_window(run: Run) -> None:
    """Ratios, rates, levels, counters and sliding windows alike."""
    assert ask(run, "error_ratio < 60% in fault").observed == 0.5
    assert ask(run, "error_ratio < 60%").observed == 0.0
    assert ask(run, "throughput > 1/s in fault").observed == 20.0
    assert ask(run, "max level < 5 in fault").observed == 9.0
    assert ask(run, "level < 5").observed == 1.0
    assert ask(run, "mean level < 5 in warm-up").observed == 1.0
    assert ask(run, "max_latency > 10ms in fault").verdict is Verdict.PASS
    assert ask(run, "mean > 10ms in fault").verdict is Verdict.PASS
    assert ask(run, "hits < 200 in fault").observed == 3.0 * 60
    assert ask(run, "hits < 2000").observed == 3.0 * 189
    assert ask(run, "hit_ratio < 90% in fault").observed == pytest.approx(0.3)
    assert ask(run, 'error_ratio of "/a" < 99% in fault').observed == 1.0
    sliding = ask(run, "error_ratio < 60% over 10s in fault")
    assert (sliding.observed, sliding.evidence["windows"]) == (0.5, 51)
    assert 65 <= sliding.evidence["worst_s"][0] < sliding.evidence["worst_s"][1] <= 125


def test_a_window_that_the_run_does_not_have_is_inconclusive(run: Run, tmp_path: Path) -> None:
    """Never a PASS; a file without windows has steady load alone."""
    finding = ask(run, "p95 < 1s in recovery")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "the run has no recovery window" in finding.message
    assert "window is recovery" in finding.evidence["advice"]
    path = tmp_path / "other.csv"
    path.write_text("time,cpu\n" + "".join(f"{t},0.5\n" for t in range(60)))
    assert ask(read(path), "max cpu < 1").verdict is Verdict.PASS
    assert ask(read(path), "max cpu < 1 in fault").verdict is Verdict.INCONCLUSIVE


def budgets_of(run: Run, *texts: str) -> dict[str, Finding]:
    """The findings on budgets by their line."""
    findings = judge(run, texts).findings
    return {str(f.evidence["budget"]): f for f in findings if f.kind == "budget"}


def test_a_budget_of_each_endpoint_is_one_finding_an_endpoint(run: Run) -> None:
    """Each is judged for itself; a pattern without ``each`` judges its endpoints together."""
    found = budgets_of(run, "error_ratio of each < 60% in fault")
    assert {text: f.verdict.value for text, f in found.items()} == {
        'error_ratio of "GET /a" < 60%, in fault': "FAIL",
        'error_ratio of "GET /b" < 60%, in fault': "PASS",
    }
    assert all(f.evidence["default"].startswith("error_ratio of each") for f in found.values())
    assert len({f.id for f in found.values()}) == 2
    together = budgets_of(run, 'error_ratio of "GET /*" < 60% in fault')
    assert [f.verdict for f in together.values()] == [Verdict.PASS]


def test_a_closer_budget_stands_in_for_the_default(run: Run) -> None:
    """A name, or a longer pattern of each; not another percentile, nor a pattern taken together."""
    lines = ("p95 of each < 1us", 'p95 of "/a" < 1s')
    assert sorted(budgets_of(run, *lines)) == ['p95 of "/a" < 1s', 'p95 of "GET /b" < 0.001ms']
    patterned = budgets_of(run, "p95 of each < 1us", "p95 of each 'GET /[a-b]' < 1s")
    assert sorted(patterned) == ['p95 of "GET /a" < 1000ms', 'p95 of "GET /b" < 1000ms']
    for other in ('p99 of "/a" < 1s', 'p95 of "GET *" < 1s', 'p95 of "/a" < 1s over 30s'):
        found = budgets_of(run, "p95 of each < 1us", other)
        assert len(found) == 3
        assert found['p95 of "GET /a" < 0.001ms'].verdict is Verdict.FAIL


def test_each_without_endpoints_is_inconclusive(run: Run, faulted: synthetic.Written) -> None:
    """Nothing that was not called passes; results.csv alone does not know endpoints."""
    (finding,) = budgets_of(run, "p95 of each 'POST *' < 1s").values()
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "no endpoint that it speaks of was called" in finding.message
    (finding,) = budgets_of(read(faulted.path / "results.csv"), "p95 of each < 1s").values()
    assert finding.verdict is Verdict.INCONCLUSIVE


def test_requests_that_are_not_told_apart_are_a_finding_of_each(tmp_path: Path) -> None:
    """The endpoints under (other) may be any, so the default is not known to hold."""
    script = Script(endpoints=(("GET", "/a"), ("", OTHER)))
    found = budgets_of(read(synthetic.write(tmp_path / "run", script).path), "p95 of each < 1s")
    assert found['p95 of "GET /a" < 1000ms'].verdict is Verdict.PASS
    assert found["p95 of each < 1s"].verdict is Verdict.INCONCLUSIVE
    assert "700 requests were counted under (other)" in found["p95 of each < 1s"].message


def test_a_budget_on_one_class_of_errors(tmp_path: Path) -> None:
    """Failures of that class by all requests of the whole run; patterns and endpoints allowed."""
    script = Script(
        failures=lambda second: 1 if 30 <= second < 40 else 0,
        errors=(("TimeoutError", "after 3 s", 2), ("ConnectTimeout", "to here", 3)),
        columns={"failures": lambda second: 1.0 if 30 <= second < 45 else 0.0},
        requests=lambda _second: 100,
    )
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = ask(run, 'errors of "TimeoutError" < 0.1%')
    assert (finding.verdict, finding.observed) == (Verdict.PASS, 2 / 7000)
    assert "of the whole run" in finding.message
    assert ask(run, 'errors of "*Timeout*" < 0.2%').observed == 5 / 7000
    assert ask(run, 'errors of "Boom" < 0.01%').verdict is Verdict.FAIL
    unseen = ask(run, 'errors of "OSError" < 0.1%')
    assert (unseen.verdict, unseen.observed) == (Verdict.PASS, 0.0)
    assert "seen: Boom, ConnectTimeout, TimeoutError" in unseen.message
    few = ask(run, 'errors of "OSError" < 0.01%')
    assert few.verdict is Verdict.INCONCLUSIVE
    assert "needs at least 29,956" in few.message
    assert ask(run, 'errors of "OSError" of "/nowhere" < 0.1%').verdict is Verdict.INCONCLUSIVE
    assert ask(run, 'errors of "OSError" of "GET /b" < 0.1%').verdict is Verdict.PASS
    both = budgets_of(run, 'errors of "OSError" of each < 0.2%')
    assert len(both) == 2


@pytest.mark.parametrize(
    ("written", "counted"),
    [((OTHER, OTHER, 20), 20), (("Boom", "x", 5), 25)],
    ids=["folded", "lost"],
)
def test_failures_of_unknown_class_decide_nothing(
    tmp_path: Path, written: tuple[str, str, int], counted: int
) -> None:
    """Folded or lost ones may be of any class; they matter only where they could turn the answer."""
    script = Script(
        errors=(written,),
        columns={"failures": lambda second: float(counted) if second == 30 else 0.0},
        requests=lambda _second: 100,
    )
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = ask(run, 'errors of "TimeoutError" < 0.1%')
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "the class of 20 failures is not known" in finding.message
    assert ask(run, 'errors of "TimeoutError" < 1%').verdict is Verdict.PASS
    assert ask(run, 'errors of "TimeoutError" < 1%').evidence["failures_in_doubt"] == 20


def test_errors_need_their_file(tmp_path: Path, faulted: synthetic.Written) -> None:
    """Without failures.csv nobody knows of what class they were."""
    alone = ask(read(faulted.path / "results.csv"), 'errors of "X" < 1%')
    assert alone.verdict is Verdict.INCONCLUSIVE
    path = synthetic.write(tmp_path / "run", Script()).path
    (path / FAILURES_CSV).unlink()
    finding = ask(read(path), 'errors of "X" < 1%')
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "failures.csv" in finding.message
