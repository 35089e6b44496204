"""``reli`` and ``reli profile`` as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reli.profile.find import profiles_in, shipped_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUN = "import sys; from reli.cli import main; sys.argv[0] = 'reli'; main()"


def reli(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **environment},
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["profile", "--help"]])
def test_help_and_version_exit_with_0(arguments: list[str]) -> None:
    """Asking for help is no error."""
    done = reli(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "reli" in done.stdout


def test_help_imports_nothing_that_costs() -> None:
    """The first help comes without the libraries that only some commands need."""
    code = (
        "import sys; from reli.cli import run, cli; run(cli, ['--help']); "
        "print({'pydantic', 'yaml', 'locust', 'gevent', 'numpy', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "profile  Describe, check and list load profiles." in done.stdout
    assert done.stdout.endswith("set()\n")


def test_describing_needs_no_load_engine_and_no_arrays() -> None:
    """A profile is described without Locust and without numpy, budgets and all."""
    code = (
        "import sys; from reli.cli import run, cli; run(cli, ['profile', 'describe', 'smoke']); "
        "print({'locust', 'gevent', 'numpy', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["profile", "nonsense"],
        ["profile", "describe"],
        ["profile", "check"],
        ["profile", "describe", "smok"],
        ["profile", "describe", "none.yaml"],
        ["profile", "describe", "smoke", "--base-rate", "fast"],
        ["profile", "describe", "tracer/high", "--base-rate", "50/s"],
        ["profile", "describe", "smoke", "--time-scale", "0"],
        ["profile", "describe", "smoke", "--time-scale", "much"],
    ],
)
def test_wrong_usage_exits_with_2_and_no_traceback(arguments: list[str]) -> None:
    """What the user can mend is told on stderr."""
    done = reli(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_an_unknown_profile_names_the_known_ones() -> None:
    """One sentence: the nearest name and all others."""
    done = reli("profile", "describe", "smok")
    assert done.stderr.startswith('unknown profile "smok" (did you mean "smoke"?); known: burst, ')
    assert len(done.stderr.splitlines()) == 1


def test_describe_prints_sentences_and_a_chart() -> None:
    """Options change what is described."""
    done = reli("profile", "describe", "smoke", "--base-rate", "200/s", "--time-scale", "0.5")
    assert done.returncode == 0
    assert "Ramps from 0 to 20/s (10 % of 200/s) over 2.5 s." in done.stdout
    assert "█" in done.stdout


def test_describe_draws_with_plain_characters_where_blocks_cannot_be_printed() -> None:
    """An output in ASCII gets a chart in ASCII."""
    done = reli("profile", "describe", "smoke", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "####" in done.stdout
    assert done.stdout.isascii()


def test_check_says_ok_or_every_problem(write: Callable[..., Path]) -> None:
    """All files are checked; one that is wrong makes the exit code 2."""
    right = write("stages: [{hold: {at: 5/s, for: 1m}}]", "right.yaml")
    wrong = write("a: 1\nb: 2\nstages: [{hold: {at: 5/s, for: 1m}}]", "wrong.yaml")
    done = reli("profile", "check", str(right))
    assert (done.returncode, done.stdout) == (0, f"{right}: ok\n")
    done = reli("profile", "check", str(wrong), str(right), "smok")
    assert (done.returncode, done.stdout) == (2, f"{right}: ok\n")
    lines = done.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines[:2]] == [f"{wrong}:1", f"{wrong}:2"]
    assert lines[2].startswith("unknown profile")


def test_check_accepts_all_shipped_profiles() -> None:
    """What reli ships is right."""
    paths = [str(path) for _, path in profiles_in(shipped_directory())]
    done = reli("profile", "check", *paths)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{path}: ok" for path in paths]


def test_list_shows_every_name_and_survives_a_broken_profile(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of the working directory come first; a broken one says so instead of ending the list."""
    write("a: 1\n", "profiles/mine.yaml")
    monkeypatch.chdir(tmp_path)
    done = reli("profile", "list")
    assert done.returncode == 0
    names = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert names[0] == "mine"
    assert {"smoke", "tracer/burst"} <= set(names)
    assert "has 2 problems" in done.stdout


def test_schema_prints_the_json_schema() -> None:
    """What an editor needs goes to stdout."""
    done = reli("profile", "schema")
    assert done.returncode == 0
    assert json.loads(done.stdout)["title"] == "reli profile"
