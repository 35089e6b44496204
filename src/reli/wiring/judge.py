"""Judges a finished run: the same command that a person would type, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from reli_analysis.record.layout import VERDICT_JSON
from reli_analysis.verdict import Verdict

_LONGEST_S = 600


def judge(directory: str) -> int:
    """Print the verdict, write verdict.json, report.html and junit.xml; returns the exit code.

    An analysis that cannot be run or does not end says nothing about the service: INVALID.
    """
    command = [sys.executable, "-m", "reli_analysis", directory, "-o", directory]
    sys.stdout.flush()
    try:
        code = subprocess.run(command, check=False, timeout=_LONGEST_S).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"reli: the run could not be judged: {error}\n")
        return Verdict.INVALID.exit_code
    # An interpreter that breaks before the analysis begins exits with 1, the code of FAIL.
    if not Path(directory, VERDICT_JSON).exists():
        sys.stderr.write("reli: the run could not be judged: no verdict was written\n")
        return Verdict.INVALID.exit_code
    return code
