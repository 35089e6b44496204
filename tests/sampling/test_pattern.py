"""Regular expressions of users meet texts of anybody."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from reli.sampling.pattern import pattern
from reli_analysis.errors import InputError
from support.sampled import Sampled


def test_a_text_made_to_hang_is_answered() -> None:
    """What keeps a backtracking engine busy for ages is a plain no."""
    assert not pattern("^(a+)+$").is_in("a" * 5_000 + "!")
    assert pattern("(a+)+").fits("a" * 5_000)


def test_bytes_that_are_no_text_are_searched_around() -> None:
    """A command line may hold anything; the rest of it still matches."""
    assert pattern("api$").is_in(os.fsdecode(b"\xff\xfe api"))
    assert not pattern("api").fits(os.fsdecode(b"\xff api"))


@pytest.mark.parametrize("text", ["(", "(?=x)", r"(x)\1"])
def test_what_is_no_expression_says_why(text: str) -> None:
    """One sentence, nothing on standard error, also for what only other engines know."""
    with pytest.raises(InputError, match=r"[a-z]"):
        pattern(text)


def test_a_hostile_command_line_holds_up_no_sample() -> None:
    """Any user of the host can choose one."""
    script = "import time; print(flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", script, "a" * 2_000 + "!"], stdout=subprocess.PIPE
    ) as hostile:
        assert hostile.stdout is not None
        hostile.stdout.readline()
        sampled = Sampled("cmd:(a+)+ nobody$")
        assert sampled.pids() == set()
        hostile.kill()
