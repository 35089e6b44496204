"""A run that its own budget ended is a FAIL by that budget, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reli_analysis.judge import judge
from reli_analysis.judgement import Judgement
from reli_analysis.readers import read
from reli_analysis.record import StageSpan
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import Script

BUDGET = "error_ratio < 20%, abort"
ENDED = (15.0, "abort", BUDGET, "30 % breaks the limit of 20 %: the run is ended")
PLAN = (
    StageSpan("ramp", "ramp", "warm-up", 0.0, 5.0, 20.0, 20.0),
    StageSpan("hold", "hold", "steady", 5.0, 605.0, 20.0, 20.0),
)
SCRIPT = Script(
    steady_s=10,
    cool_down_s=0,
    failures=lambda second: 20 if second > 11 else 0,
    events=(ENDED,),
    info={
        "budgets": (BUDGET, "p50 < 250ms"),
        "state": "aborted",
        "state_reason": f'budget "{BUDGET}": 30 % breaks the limit of 20 %',
        "planned_s": 605.0,
        "stages": PLAN,
    },
)


def _judged(tmp_path: Path, script: Script, *budgets: str) -> Judgement:
    run = read(synthetic.write(tmp_path / "run", script).path)
    return judge(run, budgets or None)


def _told(judgement: Judgement, subject: str) -> Finding:
    (found,) = [finding for finding in judgement.findings if finding.subject == subject]
    return found


def test_the_budget_that_ended_the_run_fails_it(tmp_path: Path) -> None:
    """Of ten minutes there are ten seconds, and that is no finding: they were cut on purpose."""
    judgement = _judged(tmp_path, SCRIPT)
    assert judgement.verdict is Verdict.FAIL
    told = _told(judgement, "error_ratio")
    assert told.verdict is Verdict.FAIL
    assert told.message.endswith("; the run was ended for it at 15 s")
    assert told.evidence["aborted_at_s"] == 15.0
    complete = _told(judgement, "record complete")
    assert (complete.verdict, complete.warning) == (Verdict.PASS, True)
    assert f"ended at 15 s by its own budget {BUDGET}" in complete.message
    assert {f.verdict for f in judgement.findings if f.kind == "validity"} == {Verdict.PASS}
    assert _told(judgement, "p50").verdict is not Verdict.FAIL


def test_what_the_drain_brought_changes_nothing(tmp_path: Path) -> None:
    """In the end the number keeps the limit again, and yet the run was ended for it."""
    mended = replace(SCRIPT, failures=lambda second: 3 if second > 12 else 0)
    judgement = _judged(tmp_path, mended)
    assert judgement.verdict is Verdict.FAIL
    message = _told(judgement, "error_ratio").message
    assert message.startswith("30 % breaks the limit of 20 % at 15 s, and the run was ended for it")


def test_without_that_budget_it_is_inconclusive(tmp_path: Path) -> None:
    """What is asked instead was not seen to the end, however good it looks."""
    judgement = _judged(tmp_path, SCRIPT, "p50 < 250ms")
    assert judgement.verdict is Verdict.INCONCLUSIVE
    complete = _told(judgement, "record complete")
    assert complete.verdict is Verdict.INCONCLUSIVE
    assert BUDGET in complete.message


@pytest.mark.parametrize("missing", [range(5, 10)])
def test_what_is_missing_before_the_abort_still_counts(tmp_path: Path, missing: range) -> None:
    """It is cut at its end on purpose, and nowhere else."""
    judgement = _judged(tmp_path, replace(SCRIPT, missing=frozenset(missing)))
    complete = _told(judgement, "record complete")
    assert complete.verdict is Verdict.INCONCLUSIVE
    assert "5 s of 10 s planned steady load" in complete.message
    assert judgement.verdict is Verdict.FAIL


def test_a_generator_at_its_limit_is_invalid_all_the_same(tmp_path: Path) -> None:
    """The number that ended the run was its own then."""
    script = replace(SCRIPT, columns={"generator_cpu_cores": lambda _s: 1.0})
    assert _judged(tmp_path, script).verdict is Verdict.INVALID
