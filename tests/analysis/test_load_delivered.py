"""Did the target get its load? Open model: did the arrivals come; closed: whose fault if not?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.validity import CHECKS
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import OpenModel, Script

Columns = dict[str, Callable[[int], float | None]]
SHORT: Columns = {"iterations_per_s": lambda s: 17.0 if s % 2 else 18.0}


def told(tmp_path: Path, script: Script) -> Finding:
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = CHECKS.get("load delivered")(run)
    assert finding is not None
    return finding


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ({}, Verdict.INCONCLUSIVE),
        ({"users": lambda _s: 9.0}, Verdict.INVALID),
        ({"generator_cpu_cores": lambda _s: 0.99}, Verdict.INVALID),
        ({"generator_cpu_cores": lambda _s: None, "loop_lag_ms": lambda _s: None}, Verdict.INVALID),
        ({"iterations_per_s": lambda _s: 18.1}, Verdict.PASS),
    ],
)
def test_a_closed_load_that_was_not_delivered(
    tmp_path: Path, columns: Columns, verdict: Verdict
) -> None:
    """An idle generator with all its users waited for the target; any other did not deliver."""
    finding = told(tmp_path, Script(columns={**SHORT, **columns}))
    assert finding.verdict is verdict
    if verdict is not Verdict.PASS:
        assert "only 17.5/s of 20/s" in finding.message
    assert ("model: open" in str(finding.evidence)) == (verdict is Verdict.INCONCLUSIVE)


def test_a_load_in_users_has_no_rate_to_deliver(tmp_path: Path) -> None:
    """Without an asked rate there is no check."""
    script = Script(columns={"offered_per_s": lambda _s: None})
    run = read(synthetic.write(tmp_path / "run", script).path)
    assert CHECKS.get("load delivered")(run) is None


@pytest.mark.parametrize(
    ("budget", "verdict"), [("p95 < 1s", "INCONCLUSIVE"), ("p95 < 1ms", "FAIL")]
)
def test_a_load_that_the_target_did_not_take_may_fail_but_not_pass(
    tmp_path: Path, budget: str, verdict: str
) -> None:
    """What broke under less load is broken; what held under less load is not known."""
    run = read(synthetic.write(tmp_path / "run", Script(columns=SHORT)).path)
    assert judge(run, [budget]).verdict == verdict


@pytest.mark.parametrize(
    ("arrivals", "kind", "verdict"),
    [
        (20, "constant", Verdict.PASS),
        (18, "constant", Verdict.PASS),
        (17, "constant", Verdict.INVALID),
        (23, "constant", Verdict.INVALID),
        (17, "poisson", Verdict.INVALID),  # 1,020 of 1,200: five deviations
    ],
)
def test_arrivals_are_held_against_the_plan(
    tmp_path: Path, arrivals: int, kind: str, verdict: Verdict
) -> None:
    """The open model's load was offered when its arrivals came about, neither less nor more."""
    columns: Columns = {"arrivals": lambda _s: arrivals}
    script = Script(columns=columns, open_model=OpenModel(arrivals=kind))
    finding = told(tmp_path, script)
    assert finding.verdict is verdict
    assert f"{arrivals}/s of 20/s arrivals came about" in finding.message


def test_chance_may_move_few_poisson_arrivals(tmp_path: Path) -> None:
    """A tenth less of ten seconds' arrivals happens by itself."""
    columns: Columns = {"arrivals": lambda _s: 17.5}
    poisson = Script(10, columns=columns, open_model=OpenModel(arrivals="poisson"))
    assert told(tmp_path / "a", poisson).verdict is Verdict.PASS
    assert told(tmp_path / "c", replace(poisson, steady_s=60)).verdict is Verdict.INVALID
    constant = Script(10, columns=columns, open_model=OpenModel())
    assert told(tmp_path / "b", constant).verdict is Verdict.INVALID


@pytest.mark.parametrize("model", [None, OpenModel()])
def test_the_cut_edges_of_a_short_run_are_no_missing_load(
    tmp_path: Path, model: OpenModel | None
) -> None:
    """Four seconds of which the last was cut short: half an interval is more than a tenth."""
    name = "arrivals" if model else "iterations_per_s"
    columns: Columns = {name: lambda s: 2.0 if s == 8 else 20.0}
    finding = told(tmp_path, Script(4, columns=columns, open_model=model))
    assert finding.verdict is Verdict.PASS


def test_a_slow_target_in_the_open_model_was_still_offered_its_load(tmp_path: Path) -> None:
    """Half of the iterations unfinished and a third dropped: budgets judge that, not this check."""
    columns: Columns = {"iterations_per_s": lambda _s: 10.0, "arrivals": lambda _s: 20.0}
    model = OpenModel(dropped=lambda _s: 6)
    run = read(synthetic.write(tmp_path / "run", Script(columns=columns, open_model=model)).path)
    finding = CHECKS.get("load delivered")(run)
    assert finding is not None
    assert finding.verdict is Verdict.PASS
    judged: Any = judge(run, ["error_ratio < 1%"])
    assert judged.verdict is Verdict.FAIL
