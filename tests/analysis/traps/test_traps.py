"""Each trap, through the command that people run: never a PASS, and the right word for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.traps import TRAPS, Trap, pipe_in_a_record

_TIMEOUT_S = 120


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reli_analysis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)


def _rows(judged: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a comparison, or the levels of a history."""
    if "groups" in judged:
        return [level for group in judged["groups"] for level in group["levels"]]
    rows: list[dict[str, Any]] = judged["rows"]
    return rows


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_a_trap_is_not_passed(trap: Trap, tmp_path: Path) -> None:
    """The usual rule passes it; reli-analyze gives its verdict, exit code and the finding that says why."""
    path = trap.make(tmp_path)
    assert trap.passes_elsewhere(path), "this is no trap"
    done = _analyze(*trap.words(path), "--format", "json")
    assert done.returncode == trap.exit_code, done.stdout + done.stderr
    judged: dict[str, Any] = json.loads(done.stdout)
    assert judged["verdict"] == trap.verdict
    if trap.command:
        rows = [row for row in _rows(judged) if row["verdict"] == trap.verdict]
        assert any(trap.says in str(row) for row in rows if trap.finding in str(row))
        return
    findings = [f for f in judged["findings"] if f["verdict"] == trap.verdict]
    (told,) = [f for f in findings if f["subject"].startswith(trap.finding)]
    assert trap.says in told["message"]
    assert judged["advice"], "it says what to do"


def test_a_pipe_in_a_record_is_refused(tmp_path: Path) -> None:
    """What can be waited for without end is not opened: one sentence, exit code 2."""
    done = _analyze(pipe_in_a_record(tmp_path))
    assert done.returncode == 2
    assert "results.csv is a named pipe" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_names_of_traps_are_told_apart() -> None:
    """A name is a row of the documentation."""
    assert len({trap.name for trap in TRAPS}) == len(TRAPS)
