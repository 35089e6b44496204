"""Budgets and reports on a record of the open model, and what the drain does to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.budgets import parse
from reli_analysis.errors import BudgetError
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.report import REPORTS
from reli_analysis.report.charts import choose
from reli_analysis.report.limit_lines import limit_lines
from reli_analysis.selection import load_spans, steady_spans
from reli_analysis.series import Run
from reli_analysis.summary import summarise, summarise_endpoints
from reli_analysis.validity import CHECKS, check_run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import OpenModel, Script


def waits(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """From 20 s to 25 s every arrival waits 400 ms for a user."""
    return np.full(count, 400.0 if 20 <= second < 25 else 0.1) + 0.01 * rng.random(count)


WAITING = Script(
    requests=lambda _s: 100,
    columns={"offered_per_s": lambda _s: 100.0},
    open_model=OpenModel(delays_ms=waits),
)
DROPPING = replace(WAITING, open_model=OpenModel(dropped=lambda s: 10 if 30 <= s < 40 else 0))


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """8 % of the arrivals waited for a user."""
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", WAITING).path)


@pytest.fixture(scope="module")
def dropping(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """100 of 6,100 arrivals were dropped after 30 s."""
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", DROPPING).path)


def test_a_good_open_run_passes_every_check(tmp_path: Path) -> None:
    """The open model brings one check more, and no warning."""
    run = read(synthetic.write(tmp_path / "run", Script(open_model=OpenModel())).path)
    findings = check_run(run)
    assert {f.id for f in findings} >= {"user pool", "load delivered", "generator kept up"}
    assert {(f.verdict, f.warning) for f in findings} == {(Verdict.PASS, False)}


def test_p95_is_of_response_and_service_p95_of_service(waiting: Run) -> None:
    """The wait for a user counts in the one and not in the other."""
    assert ask(waiting, "p95 < 100ms").verdict is Verdict.FAIL
    assert ask(waiting, "p95 < 500ms").verdict is Verdict.PASS
    finding = ask(waiting, "service_p95 < 5ms")
    assert finding.verdict is Verdict.PASS
    assert finding.observed == pytest.approx(4.5, rel=0.1)


def test_both_over_every_window(waiting: Run) -> None:
    """The window with the waits breaks the response budget and no service budget."""
    finding = ask(waiting, "p95 < 100ms over 5s")
    assert finding.verdict is Verdict.FAIL
    assert finding.evidence["worst_window_s"][0] in range(16, 25)
    assert ask(waiting, "service_p95 < 10ms over 5s").verdict is Verdict.PASS


def test_both_from_the_results_alone(tmp_path: Path) -> None:
    """Columns of single intervals prove the same within their bounds."""
    waited = synthetic.write(tmp_path / "waited", WAITING).path / "results.csv"
    assert ask(read(waited), "p99 < 100ms").verdict is Verdict.FAIL
    assert ask(read(waited), "service_p95 < 20ms").verdict is Verdict.PASS
    run = read(synthetic.write(tmp_path / "run", DROPPING).path / "results.csv")
    finding = ask(run, "service_p95 < 20ms")
    assert (finding.verdict, finding.evidence["requests"]) == (Verdict.PASS, 6000)
    assert ask(run, "dropped_ratio < 5%").verdict is Verdict.PASS


def test_service_time_of_one_endpoint_is_refused() -> None:
    """It is kept for all requests together, and the refusal says so before any load begins."""
    with pytest.raises(BudgetError, match='"service_p95" is not measured by endpoint'):
        parse('service_p95 of "GET /x" < 5ms')


def test_drops_count_as_failures_and_as_waits_but_not_as_answers(dropping: Run) -> None:
    """Error ratio and response times stay honest; throughput and service times are of answers."""
    errors = ask(dropping, "error_ratio < 1%")
    assert errors.verdict is Verdict.FAIL
    assert errors.observed == pytest.approx(100 / 6100)
    assert ask(dropping, "max_latency < 29s").verdict is Verdict.FAIL
    assert ask(dropping, "throughput > 99/s").observed == pytest.approx(100)
    assert ask(dropping, "throughput <= 100/s over 5s").verdict is Verdict.PASS
    assert ask(dropping, 'throughput of "*" > 99/s').observed == pytest.approx(100)
    never = ask(dropping, 'throughput of "ARRIVAL (dropped)" > 1/s')
    assert never.verdict is Verdict.INCONCLUSIVE
    service = ask(dropping, "service_p95 < 10ms")
    assert (service.verdict, service.evidence["requests"]) == (Verdict.PASS, 6000)


def test_many_drops_do_not_look_like_a_damaged_log(tmp_path: Path) -> None:
    """A third of the requests have no service time, because nobody served them."""
    script = replace(WAITING, open_model=OpenModel(dropped=lambda _s: 50))
    run = read(synthetic.write(tmp_path / "run", script).path)
    assert ask(run, "service_p95 < 10ms").verdict is Verdict.PASS
    nobody = replace(script, requests=lambda _s: 0)
    run = read(synthetic.write(tmp_path / "nobody", nobody).path)
    assert ask(run, "service_p95 < 60s").verdict is Verdict.INCONCLUSIVE


def test_dropped_ratio(dropping: Run, tmp_path: Path) -> None:
    """Dropped arrivals by all arrivals, over the window or every sliding one; open model only."""
    finding = ask(dropping, "dropped_ratio < 1%")
    assert finding.verdict is Verdict.FAIL
    assert finding.observed == pytest.approx(100 / 6100)
    assert "100 of 6,100 arrivals were dropped" in finding.message
    assert ask(dropping, "dropped_ratio < 8% over 10s").verdict is Verdict.FAIL
    assert ask(dropping, "dropped_ratio < 10% over 10s").verdict is Verdict.PASS
    closed = read(synthetic.write(tmp_path / "closed", Script()).path)
    finding = ask(closed, "dropped_ratio < 1%")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "model: open" in str(finding.evidence["advice"])


@pytest.mark.parametrize(
    ("budget", "verdict"),
    [
        ("max waiting < 100", Verdict.PASS),
        ("max start_delay_p99_ms < 50ms", Verdict.FAIL),
        ("max start_delay_p99_ms < 0.5s", Verdict.PASS),
        ("mean busy_users < 10", Verdict.PASS),
        ("dropped <= 0", Verdict.PASS),
        ("max sockets_ratio < 80%", Verdict.INCONCLUSIVE),
        ("mean start_delay_p50_ms < 5ms over 5s", None),
        ("start_delay_p50_ms < 5ms over 5s", Verdict.FAIL),
    ],
)
def test_columns_of_the_open_model_as_budgets(
    waiting: Run, budget: str, verdict: Verdict | None
) -> None:
    """Every column can be bounded in its own unit."""
    if verdict is None:
        with pytest.raises(BudgetError):
            parse(budget)
    else:
        assert ask(waiting, budget).verdict is verdict


def drained(
    at_end: Callable[[int], int], *, drain_s: int = 10, service_ms: float | None = None
) -> Script:
    """100 a second for 60 s, and what is answered in the drain after it."""

    def times(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
        usual = synthetic.two_milliseconds(rng, second, count)
        return usual if service_ms is None or second < 65 else np.full(count, service_ms)

    return Script(
        cool_down_s=0,
        drain_s=drain_s,
        requests=lambda s: 100 if s < 65 else at_end(s),
        latencies_ms=times,
        columns={"offered_per_s": lambda s: 100.0 if s < 65 else 0.0},
        open_model=OpenModel(),
    )


def a_few(second: int) -> int:
    return 40 if second == 66 else 0


@pytest.fixture(scope="module")
def hung(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """40 requests hung when the load ended, and were answered eight seconds late."""
    script = drained(a_few, service_ms=8000)
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", script).path)


def test_the_drain_belongs_to_the_window_and_not_to_the_load(hung: Run) -> None:
    """What was asked in the window is answered later; the load had ended by then."""
    assert steady_spans(hung) == ((5.0, 75.0),)
    assert load_spans(hung) == ((5.0, 65.0),)


def test_answers_in_the_drain_are_judged(hung: Run) -> None:
    """A stall at the end cannot hide behind the end."""
    assert ask(hung, "max_latency < 1s").verdict is Verdict.FAIL
    assert ask(hung, "p99.9 < 1s").verdict is Verdict.FAIL
    assert ask(hung, "max p50_ms < 1s").verdict is Verdict.FAIL
    windows = ask(hung, "p95 < 1s over 5s")  # 40 of 340 in the last whole seconds and the drain
    assert (windows.verdict, windows.evidence["worst_window_s"][1]) == (Verdict.FAIL, 67.0)
    assert ask(hung, "error_ratio < 1% over 5s").verdict is Verdict.PASS


def test_rates_and_levels_are_of_the_load(hung: Run) -> None:
    """Seconds without load dilute no rate, and are no smallest value."""
    assert ask(hung, "throughput > 99/s").observed == 100.0
    assert ask(hung, "throughput > 99/s over 5s").verdict is Verdict.PASS
    assert ask(hung, 'throughput of "/a" > 49/s').observed == 50.0
    assert ask(hung, "min completed_per_s > 99/s").verdict is Verdict.PASS
    assert ask(hung, "mean offered_per_s >= 100/s").verdict is Verdict.PASS
    assert ask(hung, "completed_per_s > 99/s over 5s").verdict is Verdict.PASS
    endpoint = summarise_endpoints(hung)[0]
    assert (endpoint.requests, endpoint.completed_per_s) == (3020, 50.0)


def test_a_backlog_that_is_worked_off_is_no_throughput(tmp_path: Path) -> None:
    """Answers after the load's end came from a rate that the target did not keep up with."""
    script = replace(drained(lambda _s: 50, drain_s=60), requests=lambda _s: 50)
    run = read(synthetic.write(tmp_path / "run", script).path)
    assert ask(run, "throughput > 60/s").observed == 50.0


def test_the_drain_does_not_stand_in_for_lost_load(tmp_path: Path) -> None:
    """Twenty seconds of load that are missing stay missing, however long the drain."""
    script = replace(drained(a_few, drain_s=30), missing=frozenset(range(40, 60)))
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = CHECKS.get("record complete")(run)
    assert finding is not None
    assert (finding.verdict, finding.observed) == (Verdict.INCONCLUSIVE, 40.0)


def test_a_whole_run_with_a_drain_passes(hung: Run) -> None:
    """Nothing about a drain by itself is suspicious."""
    verdicts = {f.id: (f.verdict, f.warning) for f in check_run(hung)}
    assert set(verdicts.values()) == {(Verdict.PASS, False)}, verdicts


def test_the_summary_counts_what_became_of_arrivals(dropping: Run) -> None:
    """Offered, arrived, finished, dropped; response beside service."""
    summary = summarise(dropping)
    model = summary.open_model
    assert model is not None
    assert (model.offered, model.arrivals) == (7000, 7100)
    assert (model.finished, model.dropped) == (7000, 100)
    assert summary.completed_per_s == 100.0
    assert model.response_ms["p99"] == pytest.approx(30_000, rel=0.001)
    assert model.service_ms["p99"] == pytest.approx(6.4, rel=0.1)


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_reports_show_the_open_model(dropping: Run, name: str) -> None:
    """A reader sees what was dropped, and both kinds of time."""
    text = " ".join(REPORTS.get(name).render(judge(dropping, ["service_p95 < 5ms"])).split())
    assert "7,100 arrived, 7,000 finished, 100 dropped" in text.replace("&#44;", ",")
    assert "from the intended start" in text


def test_json_has_the_open_model(dropping: Run, tmp_path: Path) -> None:
    """Programs find the same numbers; null in the closed model."""
    document = json.loads(REPORTS.get("json").render(judge(dropping, ["p95 < 1s"])))
    assert document["run"]["open_model"]["dropped"] == 100
    closed = read(synthetic.write(tmp_path / "closed", Script()).path)
    document = json.loads(REPORTS.get("json").render(judge(closed, ["p95 < 1s"])))
    assert document["run"]["open_model"] is None


def test_charts_of_the_open_model(dropping: Run, tmp_path: Path) -> None:
    """Start delays, waiting arrivals and service times are drawn where they exist."""
    charts = {spec.id: [line.column for line in spec.lines] for spec in choose(dropping).charts}
    assert "service_p95_ms" in charts["latency"]
    assert charts["users"] == ["users", "busy_users", "waiting"]
    assert "idle_start_delay_p99_ms" in charts["start"]
    assert charts["failures"] == ["failures", "dropped"]
    closed = read(synthetic.write(tmp_path / "closed", Script()).path)
    choice = choose(closed)
    charts = {spec.id: [line.column for line in spec.lines] for spec in choice.charts}
    assert "service_p95_ms" not in charts["latency"]
    assert not any("Start delay" in title for title in choice.absent)


def test_a_limit_of_service_time_is_drawn_on_its_scale(dropping: Run) -> None:
    """The line of a service budget lies in the chart of latencies."""
    (line,) = limit_lines(judge(dropping, ["service_p95 < 5ms"]))
    assert (line.column, line.limit) == ("service_p95_ms", 5.0)
