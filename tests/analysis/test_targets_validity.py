"""Targets that are not there, that restart, that cannot be read; clocks; records without load."""

from __future__ import annotations

from pathlib import Path

import pytest

from reli_analysis.advice import ADVICE
from reli_analysis.budgets import parse
from reli_analysis.budgets.evaluate import evaluate
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.series import Run
from reli_analysis.validity import CHECKS, check_run
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import MIB, Life, Script, Tree

WHOLE = ((0, 109),)


def run_of(tmp_path: Path, *trees: Tree, **script: object) -> Run:

    values = {"steady_s": 100, "trees": trees, **script}
    return read(synthetic.write(tmp_path / "run", Script(**values)).path)  # type: ignore[arg-type]


def told(run: Run, name: str) -> Finding:
    finding = CHECKS.get(name)(run)
    assert finding is not None
    return finding


def test_targets_that_were_there_all_the_time_pass(tmp_path: Path) -> None:
    """Without a warning, one or several; a run whose targets nobody named is not asked."""
    run = run_of(tmp_path, Tree("name:a", WHOLE), Tree("host", WHOLE, kind="host"))
    finding = told(run, "targets")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, False)
    assert "all 2 there" in finding.message
    assert (told(run, "restarts").verdict, told(run, "restarts").warning) == (Verdict.PASS, False)
    assert CHECKS.get("targets")(run_of(tmp_path / "no")) is None


def test_a_target_that_was_never_there_cannot_be_judged(tmp_path: Path) -> None:
    """J033: INCONCLUSIVE, whichever budgets hold; which, and what to do."""
    named = {"targets": ("name:a", "name:rediss")}
    run = run_of(tmp_path, Tree("name:a", WHOLE), info=named)
    finding = told(run, "targets")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "never there: name:rediss" in finding.message
    assert "name:rediss" in finding.evidence[ADVICE]
    assert judge(run, ["p95 < 1s"]).verdict is Verdict.INCONCLUSIVE


def test_a_column_of_a_target_that_was_never_there_says_so(tmp_path: Path) -> None:
    """A budget on it is INCONCLUSIVE with that reason."""
    run = run_of(
        tmp_path,
        Tree("host", WHOLE, kind="host"),
        columns={"fds_ratio": lambda _s: None, "restarts": lambda _s: None},
        info={"targets": ("host", "pid:99")},
    )
    for budget in ("max fds_ratio < 80%", "last restarts < 1", "no leak in socket_fds"):
        finding = ask(run, budget)
        assert finding.verdict is Verdict.INCONCLUSIVE
        assert "pid:99 was never there" in finding.message


@pytest.mark.parametrize(
    ("spans", "verdict", "warning"),
    [
        (((0, 50), (52, 109)), Verdict.PASS, False),
        (((0, 50), (57, 109)), Verdict.PASS, True),
        (((0, 50), (80, 109)), Verdict.INCONCLUSIVE, False),
        (((4, 109),), Verdict.PASS, False),
        (((60, 109),), Verdict.INCONCLUSIVE, False),
    ],
    ids=["a restart", "a moment", "long", "late, before the steady load", "late"],
)
def test_a_target_that_was_away(
    tmp_path: Path, spans: tuple[tuple[int, int], ...], verdict: Verdict, *, warning: bool
) -> None:
    """Up to 5 % of the steady samples are a warning; what a restart takes is none."""
    finding = told(
        run_of(tmp_path, Tree("name:a", spans), Tree("host", WHOLE, kind="host")), "targets"
    )
    assert (finding.verdict, finding.warning) == (verdict, warning)
    if verdict is Verdict.INCONCLUSIVE:
        assert "name:a was not there for" in finding.message


def test_a_target_that_was_attached_is_due_since_then(tmp_path: Path) -> None:
    """What was not asked for yet was not missed."""
    attached = ((60.0, "attached", "pid:7", "a target since now"),)
    trees = (Tree("name:a", WHOLE), Tree("pid:7", ((60, 109),)))
    finding = told(run_of(tmp_path, *trees, events=attached), "targets")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, False)


def test_a_source_with_a_pace_of_its_own_is_there(tmp_path: Path) -> None:
    """An endpoint that is read every few seconds is not away in between."""
    metric = {("prometheus:x", "m"): lambda s: float(s) if s % 5 == 0 else None}
    run = run_of(tmp_path, Tree("name:a", WHOLE), published=metric,
                 info={"targets": ("name:a", "prometheus:x")})  # fmt: skip
    assert not told(run, "targets").warning


RESTARTED = Tree("name:a", ((0, 50), (52, 109)))
WHY = (51.0, "restart", "name:a", "pid 1001 after pid 1000 was killed by SIGKILL")


def test_a_restart_nobody_planned_is_no_pass(tmp_path: Path) -> None:
    """INCONCLUSIVE under steady load, with when and why."""
    run = run_of(tmp_path, RESTARTED, events=(WHY,))
    finding = told(run, "restarts")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.observed == 1
    assert "once under steady load (at 52.5 s name:a: pid 1001 after pid 1000 was killed by " in (
        finding.message
    )
    assert "last restarts" in finding.evidence[ADVICE]
    assert judge(run, ["p95 < 1s"]).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("limit", "verdict"), [("< 1", Verdict.FAIL), ("< 2", Verdict.PASS)])
def test_a_budget_of_restarts_takes_over(tmp_path: Path, limit: str, verdict: Verdict) -> None:
    """Whoever says how many are expected is answered by that budget; the check only warns."""
    columns = {"restarts": lambda s: float(s >= 52)}
    run = run_of(tmp_path, RESTARTED, events=(WHY,), columns=columns)
    judgement = judge(run, [f"last restarts {limit}"])
    finding = next(f for f in judgement.findings if f.subject == "restarts" and f.kind != "budget")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert "SIGKILL" in finding.message
    assert judgement.verdict is verdict


def test_a_restart_before_the_steady_load_is_a_warning(tmp_path: Path) -> None:
    """Nothing of what is judged saw it."""
    finding = told(run_of(tmp_path, Tree("name:a", ((0, 1), (3, 109)))), "restarts")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert "outside the steady load" in finding.message


def test_helpers_that_come_and_go_are_no_restart(tmp_path: Path) -> None:
    """Only a segment is: a root that another one replaced."""
    helpers = tuple(Life(n, n, n + 2) for n in range(10, 100, 5))
    ends = tuple((float(n + 3), "exit", "self", f"pid {n} exited") for n in range(10, 100, 5))
    run = run_of(tmp_path, Tree("name:a", WHOLE), lives=helpers, events=ends)
    assert (told(run, "restarts").verdict, told(run, "restarts").warning) == (Verdict.PASS, False)


def test_a_kill_for_lack_of_memory_is_no_pass(tmp_path: Path) -> None:
    """A worker that the kernel killed is replaced without a restart, and still matters."""
    run = run_of(tmp_path, Tree("name:a", WHOLE), columns={"oom_kills": lambda s: float(s > 60)})
    finding = told(run, "restarts")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "1 process was killed for lack of memory under steady load, of the targets" in (
        finding.message
    )


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("the wall clock was set back by 3.0 s", Verdict.PASS),
        ("the host was suspended for 2.0 s", Verdict.PASS),
        ("the host was suspended for 60.0 s", Verdict.INCONCLUSIVE),
    ],
)
def test_what_clocks_did_is_told(tmp_path: Path, message: str, verdict: Verdict) -> None:
    """A step or a short suspend is a warning; a long one under steady load is a gap."""
    run = run_of(tmp_path, events=((50.0, "clock", "host", message),))
    finding = told(run, "clock")
    assert (finding.verdict, finding.warning) == (verdict, verdict is Verdict.PASS)
    assert message in finding.message
    assert CHECKS.get("clock")(run_of(tmp_path / "calm")) is None


def test_what_could_not_be_read_is_one_warning(tmp_path: Path) -> None:
    """However much it is, and each once."""
    says = "uss_bytes cannot be read: permission denied"
    events = (
        (1.0, "sampling", "name:a", says),
        (2.0, "sampling", "name:a", says),
        (3.0, "disk", "/runs/x", "the record's disk has 1 MiB left"),
        (4.0, "recorder", "recorder", "started again: killed by SIGKILL"),
        (5.0, "recorder", "locust", "Locust ended without saying so"),
    )
    finding = told(run_of(tmp_path, events=events), "sampling")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert finding.message == (
        f"name:a: {says}; the record's disk has 1 MiB left; started again: killed by SIGKILL"
    )


@pytest.mark.parametrize(
    ("kind", "message", "advice"),
    [
        ("sampling", "uss_bytes cannot be read: permission denied", "as a user who may read"),
        ("disk", "the record's disk has 1 MiB left", "more room"),
        ("recorder", "started again: killed by SIGKILL", "who ended the recorder"),
    ],
)
def test_each_trouble_has_its_own_advice(
    tmp_path: Path, kind: str, message: str, advice: str
) -> None:
    """What mends one of them does nothing for another."""
    finding = told(run_of(tmp_path, events=((3.0, kind, "x", message),)), "sampling")
    assert advice in finding.evidence[ADVICE]
    assert str(finding.evidence[ADVICE]).count(".") == 1, (
        "one sentence, not that of another trouble"
    )


def _sampled(tmp_path: Path, **script: object) -> Run:
    return run_of(tmp_path, *(script.pop("trees", (Tree("name:a", WHOLE),))), load=False, **script)  # type: ignore[misc]


def test_a_record_without_load_is_judged_by_its_samples(tmp_path: Path) -> None:
    """Checks of load say nothing, budgets of resources hold, those of latency cannot."""
    run = _sampled(tmp_path)
    findings = {finding.id: finding for finding in check_run(run)}
    assert set(findings) == {"gaps", "measured anything", "record complete", "restarts", "targets"}
    assert all(f.verdict is Verdict.PASS and not f.warning for f in findings.values())
    assert "readings of targets" in findings["measured anything"].message
    assert judge(run, ["max rss < 512MiB", "growth fds < 5"]).verdict is Verdict.PASS
    assert ask(run, "p95 < 1s").verdict is Verdict.INCONCLUSIVE
    assert "no leak in rss" in judge(run, []).advice[0], "what is advised can be judged"


def test_a_record_without_load_and_samples_is_invalid(tmp_path: Path) -> None:
    """No data is never PASS."""
    run = _sampled(tmp_path, trees=(), lives=(Life(9, 0, 109, role="recorder"),))
    assert told(run, "measured anything").verdict is Verdict.INVALID


@pytest.mark.parametrize(("missed", "verdict"), [(0.02, Verdict.PASS), (0.5, Verdict.INCONCLUSIVE)])
def test_missed_samples_of_a_record_without_load(
    tmp_path: Path, missed: float, verdict: Verdict
) -> None:
    """They are all that it has, so too many are too little to judge."""
    run = _sampled(tmp_path, columns={"missed_samples": lambda _s: missed})
    assert told(run, "sampling").verdict is verdict
    assert "samples were missed" in told(run, "sampling").message
    assert CHECKS.get("generator kept up")(run) is None, "there was no load to keep up with"


def _leak(per_s: float, restarts_every_s: int) -> Script:
    """A target whose memory grows, and begins anew with each restart."""
    spans = tuple((n, n + restarts_every_s - 1) for n in range(0, 1800, restarts_every_s))
    growing = {"rss_bytes": lambda s: 100 * MIB + per_s * (s % restarts_every_s)}
    return Script(
        steady_s=1790,
        requests=lambda _s: 1,
        trees=(Tree("name:a", spans, growing), Tree("name:b", ((0, 1799),))),
    )


def test_restarts_do_not_hide_a_leak(tmp_path: Path) -> None:
    """Across them the level is a sawtooth that goes nowhere; within each life it leaks."""
    run = read(synthetic.write(tmp_path / "run", _leak(10_000.0, 600)).path)
    leaking, healthy = evaluate(parse("no leak in rss"), run)
    assert (leaking.verdict, healthy.verdict) == (Verdict.FAIL, Verdict.PASS)
    assert leaking.subject == "rss_bytes of name:a"
    assert leaking.observed == pytest.approx(36e6, rel=0.05)
    assert leaking.evidence["lives"] == 3


def test_any_targets_restart_ends_a_life(tmp_path: Path) -> None:
    """A metric of the service is one number: a restart with a higher level is no leak of its own."""
    script = Script(
        steady_s=1790,
        requests=lambda _s: 1,
        columns={"heap": lambda s: 100.0 + 40 * (s >= 600) + 40 * (s >= 1200) + s % 2},
        metrics=(MetricSpec("heap", "gauge", "what it holds"),),
        trees=(Tree("name:a", ((0, 599), (600, 1799))), Tree("name:b", ((0, 1199), (1200, 1799)))),
    )
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = ask(run, "no leak in heap above 20/h")
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["lives"] == 3
