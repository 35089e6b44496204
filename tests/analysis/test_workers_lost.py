"""Lost load processes: what was lost with them, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.series import Run
from reli_analysis.validity import CHECKS
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import OpenModel, Script

JOINED = ((0.1, "worker", "w-1", "joined: pid 4"), (0.1, "worker", "w-2", "joined: pid 5"))
LOST = (*JOINED, (30.2, "worker", "w-2", "lost: no heartbeat"))
ALL_LOST = (*LOST, (31.4, "worker", "w-1", "lost: it quit"))


def run_of(tmp_path: Path, script: Script) -> Run:
    return read(synthetic.write(tmp_path / "run", script).path)


def check(run: Run) -> Finding | None:
    return CHECKS.get("workers lost")(run)


def told(tmp_path: Path, script: Script) -> Finding:
    finding = check(run_of(tmp_path, script))
    assert finding is not None
    return finding


def test_a_lost_worker_whose_load_others_took_over_is_a_warning(tmp_path: Path) -> None:
    """A loss is never silent."""
    finding = told(tmp_path, Script(events=LOST))
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    other = ((2.0, "stage", "x", "lost"), (3.0, "worker", "w-2", "joined: pid 5"))
    assert check(run_of(tmp_path / "b", Script(events=other))) is None


@pytest.mark.parametrize("column", ["users", "completed_per_s"])
def test_a_lost_worker_that_took_users_with_it_is_inconclusive(tmp_path: Path, column: str) -> None:
    """Closed model: fewer users, or fewer answers, for more than a moment, and how far they fell."""
    columns: dict[str, Callable[[int], float | None]] = {
        column: lambda second: 5.0 if 27 <= second < 37 else 10.0
    }
    finding = told(tmp_path, Script(events=LOST, columns=columns))
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert f"of the usual {column} was missing, over 10 s" in finding.message
    assert finding.observed == pytest.approx(50 / 600)


def test_a_short_fall_of_users_is_a_warning(tmp_path: Path) -> None:
    """Closed model: half of the users gone for three seconds before the loss was noticed."""
    columns: dict[str, Callable[[int], float | None]] = {
        "users": lambda s: 5.0 if 27 <= s < 30 else 10.0,
        "completed_per_s": lambda s: 10.0 if 27 <= s < 30 else 20.0 + s % 3,
    }
    finding = told(tmp_path, Script(events=LOST, columns=columns))
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert "2.5 % of the usual users was missing, over 3 s" in finding.message
    assert "of the usual completed_per_s was missing" in finding.message


def test_answers_that_vary_have_fallen_when_they_fell_on_the_whole(tmp_path: Path) -> None:
    """Every third second is as it was, and a quarter of the answers is gone for good."""
    columns: dict[str, Callable[[int], float | None]] = {
        "completed_per_s": lambda s: 20.0 if s < 27 or s % 3 == 0 else 12.0
    }
    finding = told(tmp_path, Script(events=LOST, columns=columns))
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "the load did not return" in finding.message


def test_what_was_usual_is_taken_from_before_the_fall(tmp_path: Path) -> None:
    """A loss in the load's first seconds is noticed when most of what was seen lies after it."""
    columns: dict[str, Callable[[int], float | None]] = {"users": lambda s: 10.0 if s < 27 else 5.0}
    script = Script(steady_s=45, warm_up_s=24, events=LOST, columns=columns)
    finding = told(tmp_path, script)
    assert finding.verdict is Verdict.INCONCLUSIVE


def open_run(short_s: int, arrivals: float, kind: str = "constant") -> Script:
    """The arrivals of an open model, fewer for some seconds from the loss on."""
    columns: dict[str, Callable[[int], float | None]] = {
        "arrivals": lambda s: arrivals if 28 <= s < 28 + short_s else 20.0,
    }
    return Script(200, events=LOST, columns=columns, open_model=OpenModel(arrivals=kind))


@pytest.mark.parametrize(
    ("short_s", "arrivals", "verdict", "says"),
    [
        (0, 10.0, Verdict.PASS, "nothing of the load was missed after it"),
        (2, 10.0, Verdict.PASS, "20 of 4,000 arrivals (0.5 %) never came about, over 2 s"),
        (5, 10.0, Verdict.PASS, "never came about, over 5 s"),
        (6, 10.0, Verdict.INCONCLUSIVE, "never came about, over 6 s"),
        (1000, 18.0, Verdict.INCONCLUSIVE, "the load did not return to what it was"),
    ],
)
def test_arrivals_that_went_with_a_worker(
    tmp_path: Path, short_s: int, arrivals: float, verdict: Verdict, says: str
) -> None:
    """Open model: taken over within five seconds is a warning with the number of arrivals lost."""
    finding = told(tmp_path, open_run(short_s, arrivals))
    assert (finding.verdict, finding.warning) == (verdict, verdict is Verdict.PASS)
    assert says in finding.message


def test_a_share_too_large_is_inconclusive_however_short(tmp_path: Path) -> None:
    """Four seconds without a single arrival are a tenth of forty."""
    script = open_run(4, 0.0)
    finding = told(tmp_path, Script(40, 5, 5, events=LOST, columns=script.columns,
                                    open_model=OpenModel()))  # fmt: skip
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.observed == 0.1


def test_poisson_arrivals_vary_without_being_lost(tmp_path: Path) -> None:
    """What chance takes is not laid at the loss's door; half of the load for good is."""
    chance = open_run(0, 0.0, "poisson")
    uneven = {"arrivals": lambda s: 14.0 if s % 2 else 26.0}
    finding = told(tmp_path / "a", Script(200, events=LOST, columns=uneven,
                                          open_model=chance.open_model))  # fmt: skip
    assert (finding.verdict, finding.observed) == (Verdict.PASS, 0.0)
    assert told(tmp_path / "b", open_run(1000, 10.0, "poisson")).verdict is Verdict.INCONCLUSIVE


def test_losing_every_worker_is_invalid(tmp_path: Path) -> None:
    """No load process left: the run says nothing more, and says when and why (exit 4)."""
    lost = {"state": "lost", "state_reason": "every worker is lost: there is no load any more"}
    script = Script(missing=frozenset(range(32, 70)), events=ALL_LOST, info=lost)
    run = run_of(tmp_path, script)
    finding = check(run)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.message == (
        "every worker was lost at 31.4 s, 38.6 s before the plan's end (w-1: it quit): "
        "from then on there was no load"
    )
    assert judge(run, ["p95 < 1ms"]).verdict.exit_code == 4


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (ALL_LOST, "finished"),
        (LOST, "lost"),
        ((*ALL_LOST, (33.0, "worker", "w-2", "returned")), "lost"),
    ],
)
def test_a_worker_that_is_left_keeps_the_run(
    tmp_path: Path, events: tuple[tuple[float, str, str, str], ...], state: str
) -> None:
    """One that stayed or returned, or a loss after the load's end, is not the end of everything."""
    finding = told(tmp_path, Script(events=events, info={"state": state}))
    assert finding.verdict is not Verdict.INVALID


def test_a_killed_master_is_no_loss_of_workers(tmp_path: Path) -> None:
    """Its record is judged as cut short."""
    script = Script(missing=frozenset(range(20, 70)), events=JOINED, info={"state": "lost"})
    run = run_of(tmp_path, script)
    assert check(run) is None
    assert judge(run, ["p95 < 1s"]).verdict is Verdict.INCONCLUSIVE
