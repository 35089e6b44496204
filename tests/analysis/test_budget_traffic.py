"""Budgets on failures and rates."""

from __future__ import annotations

from pathlib import Path

import pytest

from reli_analysis.readers import read
from reli_analysis.record.layout import REQUESTS_CSV
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """1,200 steady requests; each of the seconds 30 to 39 has five failures."""
    script = Script(failures=lambda second: 5 if 30 <= second < 40 else 0)
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", script).path)


def test_error_ratio_is_failures_by_requests(failing: Run) -> None:
    """Failures of the steady window, and availability is what remains (V033, V039)."""
    finding = ask(failing, "error_ratio < 9%")
    assert (finding.verdict, finding.observed) == (Verdict.PASS, 50 / 1200)
    assert (finding.evidence["requests"], finding.evidence["failures"]) == (1200, 50)
    assert ask(failing, "error_ratio < 1%").verdict is Verdict.FAIL
    available = ask(failing, "availability > 91%")
    assert (available.verdict, available.observed) == (Verdict.PASS, 1150 / 1200)
    assert ask(failing, "availability > 99.9%").verdict is Verdict.FAIL
    assert ask(failing, "error_ratio < 1%, critical 10%").warning


def test_failures_of_one_endpoint(failing: Run) -> None:
    """Each endpoint has its own count; the first one has all failures here."""
    assert ask(failing, 'error_ratio of "GET /a" < 50%').observed == 50 / 600
    assert ask(failing, 'error_ratio of "/b" < 1%').observed == 0.0
    assert ask(failing, 'error_ratio of "/c" < 1%').verdict is Verdict.INCONCLUSIVE
    assert ask(failing, 'throughput of "/b" > 9/s').observed == 10.0


def test_every_window_of_failures(failing: Run) -> None:
    """A short outage breaks a budget on every window, and the evidence names when."""
    finding = ask(failing, "error_ratio < 20% over 10s, abort")
    assert (finding.verdict, finding.observed) == (Verdict.FAIL, 0.25)
    assert finding.evidence["worst_window_s"] == [30.0, 40.0]
    assert ask(failing, "error_ratio < 50% over 10s").verdict is Verdict.PASS
    assert ask(failing, "availability > 80% over 10s").verdict is Verdict.FAIL
    assert ask(failing, "availability > 70% over 10s").verdict is Verdict.PASS
    assert ask(failing, 'error_ratio of "/a" < 20% over 10s').verdict is Verdict.FAIL


def test_windows_of_an_endpoint_know_its_intervals(tmp_path: Path) -> None:
    """A fault between two steady stages, or an endpoint that is called seldom, makes none longer."""
    faulted = Script(steady_s=180, fault=range(65, 125))
    run = read(synthetic.write(tmp_path / "fault", faulted).path)
    finding = ask(run, 'error_ratio of "/a" < 50% over 30s')
    assert (finding.verdict, finding.evidence["windows"]) == (Verdict.PASS, 8)
    assert ask(run, 'throughput of "/a" > 9/s over 30s').verdict is Verdict.PASS
    assert ask(run, 'error_ratio of "/a" < 50% over 5s').verdict is Verdict.INCONCLUSIVE
    seldom = synthetic.write(tmp_path / "seldom", Script(steady_s=180)).path
    counts = seldom / REQUESTS_CSV
    header, *lines = counts.read_text().splitlines(keepends=True)
    called = [line for line in lines if not 40 <= float(line.split(",")[0]) < 100]
    counts.write_text(header + "".join(called))
    message = ask(read(seldom), 'error_ratio of "/a" < 50% over 30s').message
    assert "windows of 30 s hold too little data" in message


def test_few_requests_do_not_prove_a_small_share(tmp_path: Path) -> None:
    """A ratio that is kept needs ln 0.05 / ln(1 - limit) requests; 0 of 299 for 1 %."""

    def run_of(requests: int, failures: int = 0) -> Run:
        script = Script(
            steady_s=1,
            requests=lambda second: requests if second == 5 else 0,
            failures=lambda second: failures if second == 5 else 0,
        )
        return read(synthetic.write(tmp_path / f"{requests}-{failures}", script).path)

    finding = ask(run_of(298), "error_ratio < 1%")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "needs at least 299, 1 more" in finding.message
    assert ask(run_of(299), "error_ratio < 1%").verdict is Verdict.PASS
    assert ask(run_of(298, 1), "availability >= 99%").verdict is Verdict.INCONCLUSIVE
    assert ask(run_of(40, 1), "error_ratio < 1%").verdict is Verdict.INCONCLUSIVE
    assert ask(run_of(40, 9), "error_ratio < 1%").verdict is Verdict.FAIL
    assert ask(run_of(41), "error_ratio <= 0%").verdict is Verdict.PASS
    assert ask(run_of(41, 1), "error_ratio <= 0%").verdict is Verdict.FAIL
    assert ask(run_of(300), "error_ratio < 1% over 5s").verdict is Verdict.INCONCLUSIVE
    assert ask(run_of(5), "error_ratio < 50% over 1s").verdict is Verdict.PASS
    assert ask(run_of(4), "error_ratio < 50% over 1s").verdict is Verdict.INCONCLUSIVE


def test_throughput_counts_answers_by_steady_seconds(tmp_path: Path, failing: Run) -> None:
    """V035: missing intervals are unknown and make the rate neither higher nor lower."""
    finding = ask(failing, "throughput > 19/s")
    assert (finding.verdict, finding.observed, finding.unit) == (Verdict.PASS, 20.0, "1/s")
    assert ask(failing, "throughput > 20/s").verdict is Verdict.FAIL
    script = Script(missing=frozenset(range(20, 30)), requests=lambda s: 2 if s == 50 else 20)
    gappy = read(synthetic.write(tmp_path / "run", script).path)
    assert ask(gappy, "throughput > 19/s").observed == pytest.approx((49 * 20 + 2) / 50)
    worst = ask(gappy, "throughput > 19/s over 5s")
    assert worst.verdict is Verdict.FAIL
    assert worst.observed == pytest.approx(82 / 5)
    assert ask(gappy, "throughput > 1/s over 5s").verdict is Verdict.INCONCLUSIVE


def test_a_table_without_requests_says_what_it_lacks(tmp_path: Path) -> None:
    """A foreign column of the function's name is pointed at, not taken for it."""
    path = tmp_path / "other.csv"
    path.write_text("time,error_ratio\n" + "".join(f"{t},0.002\n" for t in range(100)))
    run = read(path)
    finding = ask(run, "error_ratio < 1%")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "no columns requests and failures" in finding.message
    assert '"error_ratio" in quotes' in finding.message
    assert ask(run, '"error_ratio" < 1%').verdict is Verdict.PASS
    assert "does not tell endpoints apart" in ask(run, 'error_ratio of "/a" < 1%').message
