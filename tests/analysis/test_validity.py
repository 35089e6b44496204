"""Can the run be believed? Each check on runs that are right, and wrong in one way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.series import Run
from reli_analysis.validity import CHECKS, check_run
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import Script

ENDLESS: dict[str, Any] = {"planned_s": None, "state": "interrupted", "state_reason": "Ctrl-C"}


def run_of(tmp_path: Path, script: Script | None = None, **info: Any) -> Run:
    script = script or Script()
    script = replace(script, info={**script.info, **info})
    return read(synthetic.write(tmp_path / "run", script).path)


def check(run: Run, name: str) -> Finding | None:
    return CHECKS.get(name)(run)


def told(run: Run, name: str) -> Finding:
    finding = check(run, name)
    assert finding is not None
    return finding


def test_a_good_run_passes_every_check(tmp_path: Path) -> None:
    """What was checked is told, without a warning."""
    findings = check_run(run_of(tmp_path))
    assert {f.id: (f.verdict, f.warning) for f in findings} == dict.fromkeys(
        (
            "gaps",
            "generator kept up",
            "load delivered",
            "measured anything",
            "record complete",
        ),
        (Verdict.PASS, False),
    )
    assert {f.kind for f in findings} == {"validity"}


@pytest.mark.parametrize(
    ("missing", "verdict", "warning"),
    [
        ((), Verdict.PASS, False),
        ((100,), Verdict.PASS, False),
        ((100, 101), Verdict.PASS, False),
        (range(100, 103), Verdict.PASS, True),
        (range(100, 110), Verdict.PASS, True),
        (range(100, 112), Verdict.INCONCLUSIVE, False),
    ],
)
def test_gaps(tmp_path: Path, missing: range, verdict: Verdict, *, warning: bool) -> None:
    """One in a hundred is usual, up to 5 % a warning, more leaves too much unseen."""
    run = run_of(tmp_path, Script(steady_s=200, missing=frozenset(missing)))
    finding = told(run, "gaps")
    assert (finding.verdict, finding.warning) == (verdict, warning)
    assert finding.observed == len(missing) / 200
    if missing:
        assert "the first at 1 min 40 s" in finding.message


def test_gaps_between_steady_stretches_do_not_count(tmp_path: Path) -> None:
    """A fault between two steady windows is no gap, and uneven input has none."""
    path = tmp_path / "run"
    synthetic.write(path, Script(steady_s=100))
    results = path / "results.csv"
    lines = results.read_text().splitlines(keepends=True)
    for at in range(40, 70):
        lines[at] = lines[at].replace(",steady,", ",fault,")
    results.write_text("".join(lines))
    assert told(read(path), "gaps").observed == 0.0
    uneven = tmp_path / "uneven.csv"
    uneven.write_text("time,x\n" + "".join(f"{t * t},1\n" for t in range(50)))
    assert check(read(uneven), "gaps") is None
    even = tmp_path / "even.csv"
    even.write_text("time,x\n" + "".join(f"{t},1\n" for t in range(100) if not 50 < t < 60))
    assert told(read(even), "gaps").verdict is Verdict.INCONCLUSIVE


def test_a_run_without_requests_is_invalid(tmp_path: Path) -> None:
    """Nothing measured is not a good result."""
    finding = told(run_of(tmp_path, Script(requests=lambda _s: 0)), "measured anything")
    assert finding.verdict is Verdict.INVALID


@pytest.mark.parametrize("last", [0.0, None, 500.0])
def test_a_required_metric_that_stays_at_nothing_is_invalid(
    tmp_path: Path, last: float | None
) -> None:
    """No span arrived means INVALID, whatever the latency."""
    required = MetricSpec("spans_arrived", "counter", "spans that arrived", required=True)
    script = Script(metrics=(required,), columns={"spans_arrived": lambda _s: last})
    finding = told(run_of(tmp_path, script), "measured anything")
    assert finding.verdict is (Verdict.PASS if last else Verdict.INVALID)
    assert last or "spans_arrived" in finding.message


@pytest.mark.parametrize(
    ("steady_s", "kept_s", "verdict"),
    [
        (100, 100, Verdict.PASS),
        (100, 81, Verdict.PASS),
        (100, 79, Verdict.INCONCLUSIVE),
        (35, 31, Verdict.PASS),
        (35, 29, Verdict.INCONCLUSIVE),
    ],
)
@pytest.mark.parametrize("state", ["lost", "interrupted"])
def test_a_run_that_was_cut_short(
    tmp_path: Path, steady_s: int, kept_s: int, state: str, verdict: Verdict
) -> None:
    """Four fifths of the planned steady time, and 30 s, let a cut run speak; less does not."""
    script = Script(steady_s=steady_s)
    missing = frozenset(range(5 + kept_s, script.length_s))
    run = run_of(tmp_path, replace(script, missing=missing), state=state, state_reason="SIGKILL")
    finding = told(run, "record complete")
    assert finding.verdict is verdict
    assert finding.warning == (verdict is Verdict.PASS)
    assert f"the run was {state}: SIGKILL" in finding.message
    assert finding.observed == kept_s


def test_a_short_run_that_ended_as_planned_is_complete(tmp_path: Path) -> None:
    """Thirty seconds are asked of cut runs only."""
    finding = told(run_of(tmp_path, Script(steady_s=6)), "record complete")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, False)


def test_a_run_without_a_planned_end_ends_with_an_interrupt(tmp_path: Path) -> None:
    """Ctrl-C is how such a run ends; losing it is another thing."""
    whole = told(run_of(tmp_path / "a", **ENDLESS), "record complete")
    assert (whole.verdict, whole.warning) == (Verdict.PASS, False)
    lost = told(run_of(tmp_path / "b", planned_s=None, state="lost"), "record complete")
    assert (lost.verdict, lost.warning) == (Verdict.PASS, True)
    glimpse = Script(steady_s=20)
    short = told(run_of(tmp_path / "c", glimpse, planned_s=None, state="lost"), "record complete")
    assert short.verdict is Verdict.INCONCLUSIVE


def test_damage_is_a_warning_when_enough_is_left(tmp_path: Path) -> None:
    """What could not be used is named."""
    run_of(tmp_path)
    (tmp_path / "run" / "failures.csv").unlink()
    finding = told(read(tmp_path / "run"), "record complete")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert finding.message == "failures.csv: the file is missing"
    torn = tmp_path / "torn.csv"
    torn.write_text("time,x\n0,1\n1,2\n2")
    assert told(read(torn), "record complete").warning


def test_a_shortened_run_says_so(tmp_path: Path) -> None:
    """A scaled run warns; one of full length has nothing to say."""
    finding = told(run_of(tmp_path, time_scale=0.05), "time scale")
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert "shortened to 5 %" in finding.message
    assert "stretched" in told(run_of(tmp_path / "b", time_scale=2.0), "time scale").message


def test_a_foreign_table_is_checked_as_far_as_it_tells(tmp_path: Path) -> None:
    """Nothing is made up about load, generator or requests."""
    path = tmp_path / "x.csv"
    path.write_text("time,x\n" + "".join(f"{t},1\n" for t in range(100)))
    assert {f.id for f in check_run(read(path))} == {"gaps", "record complete"}


@pytest.mark.parametrize(
    ("name", "cell", "verdict"),
    [
        ("mem_mb", "0", Verdict.INVALID),
        ("RSS (MiB)", "-1", Verdict.INVALID),
        ("latency_us", "-1", Verdict.INVALID),
        ("cpu %", "-1", Verdict.INVALID),
        ("mem_mb", "5", None),
        ("swap_mb", "0", None),
        ("errors", "0", None),
    ],
)
def test_a_placeholder_of_another_tool_is_no_measurement(
    tmp_path: Path, name: str, cell: str, verdict: Verdict | None
) -> None:
    """Memory of 0, or -1 throughout in whatever unit, is INVALID where a budget speaks of it."""
    path = tmp_path / "x.csv"
    path.write_text(f"time,{name}\n" + "".join(f"{t},{cell}\n" for t in range(100)))
    run = replace(read(path), asked=(f'no leak in "{name}"',))
    finding = check(run, "plausible")
    assert (None if finding is None else finding.verdict) is verdict


def test_a_difference_of_memory_may_be_negative(tmp_path: Path) -> None:
    """What falls as well as rises is no level, so it is not held to be one."""
    path = tmp_path / "x.csv"
    path.write_text("time,mem_delta_mb\n" + "".join(f"{t},{t % 3 - 1}\n" for t in range(100)))
    assert check(read(path), "plausible") is None
