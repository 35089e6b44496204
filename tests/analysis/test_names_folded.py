"""Requests and texts that were folded are told, and budgets that they put in doubt do not pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reli_analysis.advice import ADVICE
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.series import Failure, Run
from reli_analysis.validity import CHECKS
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script

FOLDED = ("", "(other)")
USERS = "987 of the first 1,000 names are of the pattern GET /users/*/orders"
TIMES = "480 of the first 500 failures are of the pattern GET /a: Slow: timeout after * s"


def run_of(tmp_path: Path, script: Script) -> Run:
    return read(synthetic.write(tmp_path / "run", script).path)


@pytest.fixture
def exploded(tmp_path: Path) -> Run:
    """Half of 70 s x 20 requests were folded, in a run with one load process."""
    begun = "1 requests so far are counted under (other)"
    more = "100 requests so far are counted under (other)"
    events = (
        (1.0, "worker", "w1", "joined: pid 7 on here"),
        (9.0, "names", "GET /users/*/orders", f"{begun}: {USERS}"),
        (19.0, "names", "GET /users/*/orders", f"{more}: {USERS}"),
    )
    return run_of(tmp_path, Script(endpoints=(("GET", "/a"), FOLDED), events=events))


def test_without_folding_there_is_nothing_to_say(tmp_path: Path) -> None:
    """A run within the limits has no such finding."""
    assert CHECKS.get("names folded")(run_of(tmp_path, Script())) is None


def test_folded_requests_are_a_warning_that_names_the_pattern(exploded: Run) -> None:
    """The count is that of the rows, the pattern that of the events, and all else still passes."""
    finding = CHECKS.get("names folded")(exploded)
    assert finding is not None
    assert (finding.verdict, finding.warning, finding.observed) == (Verdict.PASS, True, 700)
    assert finding.message == f"700 requests were counted under (other): {USERS}"
    assert finding.evidence["patterns"] == ["GET /users/*/orders"]
    assert "name=" in finding.evidence[ADVICE]
    assert judge(exploded, ["p95 < 250ms"]).verdict is Verdict.PASS


def test_folded_texts_are_told_too(exploded: Run) -> None:
    """Failures without their text are counted, and their pattern is in the same sentence."""
    texts = (Failure("GET /a", "Slow", "(other)", 40), Failure("GET /a", "Slow", "took 1 s", 2))
    said = f"40 failures so far are counted without their text: {TIMES}"
    event = replace(exploded.events[0], kind="errors", subject="GET /a: Slow", message=said)
    run = replace(exploded, failures=texts, events=(*exploded.events, event))
    finding = CHECKS.get("names folded")(run)
    assert finding is not None
    assert f"; 40 failures were counted without their text: {TIMES}" in finding.message
    assert finding.observed == 740


def test_a_record_without_the_events_still_counts(exploded: Run) -> None:
    """The rows alone give the number; the pattern is left out."""
    finding = CHECKS.get("names folded")(replace(exploded, events=()))
    assert finding is not None
    assert finding.message == "700 requests were counted under (other)"


@pytest.mark.parametrize(
    "budget",
    [
        'p95 of "GET /*" < 250ms',
        'error_ratio of "GET /a*" < 1%',
        'throughput of "/users/7/orders" > 0.1/s',
        'p95 of "GET /a*" < 250ms over 20s',
    ],
)
def test_a_budget_of_what_may_be_folded_cannot_be_judged(exploded: Run, budget: str) -> None:
    """Some of its requests may stand under (other): neither PASS nor FAIL can be believed."""
    finding = ask(exploded, budget)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "700 requests were counted under (other)" in finding.message
    assert "name=" in finding.evidence[ADVICE]


@pytest.mark.parametrize("budget", ['p95 of "GET /a" < 250ms', 'p95 of "*" < 250ms', "p95 < 250ms"])
def test_a_budget_that_lost_nothing_is_judged(exploded: Run, budget: str) -> None:
    """One name in one process stays told apart; and what holds all requests holds the folded."""
    assert ask(exploded, budget).verdict is Verdict.PASS


def test_with_several_processes_a_name_may_be_folded_in_one(exploded: Run) -> None:
    """Also when one load process took the place of another."""
    second = replace(exploded.events[0], subject="w2", message="joined: pid 8 on here")
    run = replace(exploded, events=(*exploded.events, second))
    assert ask(run, 'p95 of "GET /a" < 250ms').verdict is Verdict.INCONCLUSIVE
