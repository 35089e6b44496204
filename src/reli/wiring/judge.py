"""Judges a finished run: the same command that a person would type, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from reli_analysis.record.layout import VERDICT_JSON
from reli_analysis.verdict import Verdict

_LONGEST_S = 600


@dataclass(frozen=True)
class Judged:
    """The verdict's exit code, and what there is to print: the verdict, and notes on it."""

    exit_code: int
    verdict: str
    notes: str

    def show(self) -> None:
        """Print the verdict to standard output and the notes to standard error."""
        sys.stdout.write(self.verdict)
        sys.stdout.flush()
        sys.stderr.write(self.notes)
        sys.stderr.flush()


def judge(directory: str) -> Judged:
    """Write verdict.json, report.html and junit.xml into a run record, and return the verdict.

    An analysis that cannot be run or does not end says nothing about the service: INVALID.
    """
    # -P keeps a locustfile's neighbours (a file named http.py, say) from shadowing modules.
    command = [sys.executable, "-P", "-m", "reli_analysis", directory, "-o", directory]
    # The verdict is printed later, to this process's terminal: it is made for that one.
    environment = {**os.environ, "COLUMNS": str(shutil.get_terminal_size().columns)}
    if sys.stdout.isatty():
        environment["FORCE_COLOR"] = "1"
    sys.stderr.write("reli: judging the run\n")
    try:
        ended = subprocess.run(
            command,
            check=False,
            timeout=_LONGEST_S,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Judged(
            Verdict.INVALID.exit_code, "", f"reli: the run could not be judged: {error}\n"
        )
    # An interpreter that breaks before the analysis begins exits with 1, the code of FAIL.
    if not Path(directory, VERDICT_JSON).exists():
        notes = f"{ended.stderr}reli: the run could not be judged: no verdict was written\n"
        return Judged(Verdict.INVALID.exit_code, ended.stdout, notes)
    return Judged(ended.returncode, ended.stdout, ended.stderr)
