"""``reli-analyze`` on other tools' files, as people run it: verdicts, exit codes, one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).with_name("data")


def analyse(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reli_analysis", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "budget", "code"),
    [
        ("locust_requests.csv", "p95 < 500ms", 0),
        ("locust_requests.csv", "p95 < 5ms", 1),
        ("locust_stats_history.csv", "p95 < 5ms", 1),
        ("locust_stats_history.csv", "p95 < 40ms", 3),
        ("vegeta.json", "p95 < 500ms", 0),
        ("jmeter.csv", "error_ratio < 1%", 1),
        ("k6.csv", "p95 < 500ms", 3),
        ("psrecord.log", "max rss < 1MiB", 1),
        ("prometheus.json", "p95 < 500ms", 3),
    ],
)
def test_each_file_gets_its_verdict(name: str, budget: str, code: int) -> None:
    """By the exit code, without a word on standard error."""
    result = analyse(DATA / name, "--budget", budget)
    assert result.returncode == code, result.stdout + result.stderr
    assert not result.stderr


def test_a_column_may_be_named(tmp_path: Path) -> None:
    """With its unit, and the time column beside it."""
    path = tmp_path / "metrics.csv"
    path.write_text("when,mem,t\n" + "".join(f"{at},300,1\n" for at in range(60)))
    named = ("--time", "when", "--column", "mem=MiB")
    assert analyse(path, *named, "--budget", "max mem < 512MiB").returncode == 0
    assert analyse(path, *named, "--budget", "max mem < 256MiB").returncode == 1
    result = analyse(path, "--column", "mem=furlong")
    assert result.returncode == 2
    assert '"furlong" is no unit of a column; known: ns, us, ms' in result.stderr


def test_what_cannot_be_read_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    """A packed file, a FIFO, a device, JSON of something else, a column that is not there."""
    packed, other, fifo = tmp_path / "log.gz", tmp_path / "other.json", tmp_path / "fifo"
    packed.write_bytes(b"\x1f\x8b\x08\0abc")
    other.write_text('{"a": 1}')
    os.mkfifo(fifo)
    for arguments in (
        (packed,),
        (other,),
        (fifo,),
        (Path("/dev/zero"),),
        (DATA / "locust_requests.csv", "--column", "nothing"),
        (DATA / "procpath.sqlite", "--time", "ts"),
    ):
        result = analyse(*arguments)
        assert result.returncode == 2, result.stdout
        assert len(result.stderr.splitlines()) == 1, result.stderr
        assert "Traceback" not in result.stderr
