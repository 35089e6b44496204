"""``reli attach`` adds a target to a record that is running, or says in one sentence why not."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reli_analysis.record import RunInfo, read_run_info
from reli_analysis.record.layout import RESOURCES_CSV
from reli_analysis.record.run import write_run_info
from support.recorders import RecorderUnderTest, Start


def _attach(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from reli.cli import main; main()", "attach", *arguments],
        cwd=home,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def _refused(ended: subprocess.CompletedProcess[str], sentence: str) -> None:
    assert ended.returncode == 2, ended.stderr
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.fixture
def running(tmp_path: Path, recorders: Start) -> RecorderUnderTest:
    """A record below ./runs that is running."""
    recorder: RecorderUnderTest = recorders(tmp_path / "runs")
    recorder.wait_for_rows(RESOURCES_CSV, 1)
    return recorder


def test_the_newest_record_that_is_running_is_meant(
    tmp_path: Path, recorders: Start, running: RecorderUnderTest
) -> None:
    """Neither an older one that runs nor a newer one whose recorder is gone."""
    older = recorders(tmp_path / "runs", started_wall_s=1.0)
    gone = tmp_path / "runs" / "gone"
    gone.mkdir()
    later = dataclasses.replace(running.info, started_wall_s=9e9, recorder={})
    write_run_info(gone, later)
    ended = _attach(tmp_path, str(os.getpid()))
    assert ended.returncode == 0, ended.stderr
    assert f"pid:{os.getpid()} is sampled from now on in runs/test" in ended.stdout
    assert read_run_info(running.directory).targets == ("self", f"pid:{os.getpid()}")
    assert read_run_info(older.directory).targets == ("self",)


def test_a_record_can_be_named(tmp_path: Path, running: RecorderUnderTest) -> None:
    """From anywhere; a target that is there already is not added again."""
    arguments = (f"pid:{os.getpid()}", "--run", str(running.directory))
    assert _attach(tmp_path.parent, *arguments).returncode == 0
    _refused(_attach(tmp_path, *arguments), "sampled already")


def test_a_bad_target_is_refused_before_anyone_is_asked(
    tmp_path: Path, running: RecorderUnderTest
) -> None:
    """One sentence that says what would be right, and no trace in the record."""
    _refused(_attach(tmp_path, "pid:x"), "needs a process id")
    assert not (running.directory / "attach").exists()


def test_without_a_running_record_it_says_so(tmp_path: Path) -> None:
    """Whether there is none at all, or none that runs."""
    _refused(_attach(tmp_path, "1"), "no record is running below ./runs")
    _refused(_attach(tmp_path, "1", "--run", "nowhere"), "is not a run record")


def test_a_record_that_has_ended_is_refused(tmp_path: Path, running: RecorderUnderTest) -> None:
    """By its state, or because its recorder is gone."""
    directory = str(running.directory)
    running.send("finish", {"state": "finished", "reason": ""})
    assert running.wait() == 0
    _refused(_attach(tmp_path, "1", "--run", directory), "not running any more: it is finished")
    info = read_run_info(running.directory)
    write_run_info(running.directory, dataclasses.replace(info, state="running"))
    _refused(_attach(tmp_path, "1", "--run", directory), "its recorder is gone")


@pytest.mark.slow
def test_a_recorder_that_hangs_is_not_waited_for(
    tmp_path: Path, running: RecorderUnderTest
) -> None:
    """The wait is bounded, and its end is one sentence."""
    running.process.send_signal(signal.SIGSTOP)
    _refused(_attach(tmp_path, "1", "--run", str(running.directory)), "did not answer within")


def test_locusts_own_processes_cannot_join_a_record_without_load(tmp_path: Path) -> None:
    """There is nobody whom "self" could mean."""
    directory = tmp_path / "runs" / "quiet"
    directory.mkdir(parents=True)
    own = {
        "pid": os.getpid(),
        "started_s": _own_start_s(),
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
    }
    write_run_info(directory, RunInfo("quiet", "sample", 1.0, 1.0, "", load=False, recorder=own))
    _refused(_attach(tmp_path, "self"), "this record has no load")


def _own_start_s() -> float:
    import psutil

    return float(psutil.Process().create_time())
