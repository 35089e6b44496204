"""From a run and its budgets to one verdict."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli_analysis.errors import BudgetError
from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.synthetic import Script


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    script = Script(info={"budgets": ("p95 < 1s", "error_ratio < 1%")})
    return read(synthetic.write(tmp_path_factory.mktemp("runs") / "run", script).path)


def test_the_records_own_budgets_judge_it(run: Run) -> None:
    """Without others, what the profile asked is what counts."""
    judgement = judge(run)
    assert judgement.verdict is Verdict.PASS
    assert [f.id for f in judgement.findings if f.kind == "budget"] == [
        "budget-p95-lt-1s",
        "budget-error-ratio-lt-1-percent",
    ]
    assert judgement.advice == ()
    assert run.info is not None
    assert judgement.run == dataclasses.replace(run, asked=run.info.budgets)


def test_nothing_asked_is_never_a_pass(run: Run) -> None:
    """A run without budgets is INCONCLUSIVE and says what to do."""
    judgement = judge(run, [])
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert "nothing was asked" in judgement.findings[-1].message
    assert "--budget" in judgement.advice[0]


@pytest.mark.parametrize(
    ("budgets", "verdict"),
    [
        (["p95 < 1s"], Verdict.PASS),
        (["p95 < 1us, critical 1s"], Verdict.PASS),
        (["p95 < 1s", "missing < 1"], Verdict.INCONCLUSIVE),
        (["p95 < 1us", "missing < 1"], Verdict.FAIL),
    ],
)
def test_what_findings_add_up_to(run: Run, budgets: list[str], verdict: Verdict) -> None:
    """A FAIL outweighs what is not known, and that outweighs a PASS."""
    assert judge(run, budgets).verdict is verdict


def test_a_run_that_cannot_be_believed_is_invalid_whatever_its_budgets(tmp_path: Path) -> None:
    """INVALID outweighs FAIL and PASS; its advice comes first."""
    script = Script(columns={"generator_cpu_cores": lambda _s: 1.0})
    saturated = read(synthetic.write(tmp_path / "run", script).path)
    for budget in ("p95 < 1s", "p95 < 1us"):
        judgement = judge(saturated, [budget])
        assert judgement.verdict is Verdict.INVALID
        assert "--processes" in judgement.advice[0]


def test_ids_are_stable_and_unique(run: Run) -> None:
    """The same budget has the same id in every run, and no two findings share one."""
    budgets = [
        "p95 < 1s",
        "p95 > 1s",
        "p95 <= 1s",
        "p95  <  1s",
        'p95 of "GET /a" < 1s',
        'p95 of "GET_/a" < 1s',
        "no leak in rss, fds",
        "no leak in rss",
    ]
    ids = [finding.id for finding in judge(run, budgets).findings]
    assert len(set(ids)) == len(ids)
    assert {
        "budget-p95-lt-1s",
        "budget-p95-gt-1s",
        "budget-p95-le-1s",
        "budget-p95-lt-1s-2",
        "budget-no-leak-in-rss-bytes",
        "budget-no-leak-in-fds",
        "validity-record-complete",
    } <= set(ids)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.") for name in ids)


def test_advice_is_said_once_and_the_weightiest_first(run: Run) -> None:
    """Two findings with the same advice give one sentence."""
    advice = judge(run, ["missing < 1", "max missing < 1", "p95 < 1us", "p50 < 1us"]).advice
    assert len(advice) == 2
    assert "slowest requests" in advice[0]
    assert '"missing"' in advice[1]


def test_budgets_that_do_not_parse(tmp_path: Path, run: Run) -> None:
    """Those just given are wrong usage; the record's own become a finding and judge the rest."""
    with pytest.raises(BudgetError, match="write 5ms"):
        judge(run, ["p95 < 5", "p95 < 1s"])
    script = Script(info={"budgets": ("p95 < 1s", "resilience level < 30s")})
    newer = read(synthetic.write(tmp_path / "run", script).path)
    judgement = judge(newer)
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert [f.verdict for f in judgement.findings if f.kind == "budget"] == [
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
    ]
    assert "is no function" in judgement.findings[-1].message


def test_findings_are_plain_json(run: Run) -> None:
    """Evidence holds nothing that a JSON report could not write, nor NaN or infinity."""
    texts = [
        "p95 < 1s over 10s, abort",
        "no leak in rss",
        "growth rss < 1MiB",
        "x < 1",
        "min fds > 1",
    ]
    for finding in judge(run, [*texts, "error_ratio < 1%", "throughput > 1/s"]).findings:
        numbers = [finding.observed, finding.limit]
        json.dumps([dict(finding.evidence), numbers], allow_nan=False)


@given(st.lists(st.sampled_from(["p95 < 1s", "p95 < 1us", "x < 1", "fds < 99"]), max_size=6))
def test_order_and_repetition_of_budgets_change_nothing(run: Run, budgets: list[str]) -> None:
    """The verdict depends on what is asked, not on how often or in which order."""
    assert judge(run, budgets).verdict is judge(run, sorted(set(budgets))).verdict


def _imported_after(code: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(ended.stdout.split())


def test_judging_a_record_imports_nothing_heavy(run: Run) -> None:
    """The record path needs numpy alone: neither pandas, scipy, matplotlib nor the runtime."""
    loaded = _imported_after(
        "import pathlib, reli_analysis.readers, reli_analysis.judge\n"
        f"run = reli_analysis.readers.read(pathlib.Path({str(run.path)!r}))\n"
        "reli_analysis.judge.judge(run, ['p95 < 1s over 9s', 'no leak in rss', 'p50 < 1s'])"
    )
    assert "numpy" in loaded
    heavy = {"pandas", "scipy", "matplotlib", "jinja2", "yaml", "locust", "gevent", "reli"}
    assert heavy.isdisjoint(loaded)


def test_the_record_and_the_grammar_need_no_numpy() -> None:
    """Writing a record and checking a profile's budgets stay small."""
    for code in ("import reli_analysis.record", "from reli_analysis.budgets import parse"):
        assert "numpy" not in _imported_after(code)
