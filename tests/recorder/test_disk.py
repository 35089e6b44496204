"""A disk that fills up gets less, then nothing more, and the record says so to its last line."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.recorder.disk import (
    PLENTY,
    STOP,
    THIN,
    DiskReserve,
    default_reserve_bytes,
    parse_reserve_bytes,
)
from reli.recorder.protocol import STOPPED
from reli.recorder.syncing import Syncing
from reli_analysis.errors import InputError
from reli_analysis.record import RecordWriter, RunInfo, read_run_info
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import (
    CSV_FILES,
    EVENTS_CSV,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
)
from support.recorders import RecorderUnderTest, Start

KIB = 1024
MIB = 2**20


def test_below_the_reserve_less_is_written_and_below_a_quarter_nothing() -> None:
    """Each level is told once, and what has stopped does not begin again."""
    disk = DiskReserve(100 * MIB)
    assert disk.look(150 * MIB) is None
    told = disk.look(99 * MIB)
    assert told
    assert "99 MiB left, less than the reserve of 100 MiB" in told
    assert disk.level == THIN
    assert disk.look(90 * MIB) is None
    told = disk.look(24 * MIB)
    assert told
    assert "nothing more is written" in told
    assert disk.look(500 * MIB) is None
    assert disk.level == STOP


def test_space_that_comes_back_is_used_again() -> None:
    """A little over the reserve is not enough, so that a disk at the mark makes no flood of events."""
    disk = DiskReserve(100 * MIB)
    disk.look(99 * MIB)
    assert disk.look(101 * MIB) is None
    assert disk.level == THIN
    assert "everything is written again" in (disk.look(111 * MIB) or "")
    assert disk.level == PLENTY


@given(st.lists(st.integers(0, 300), max_size=60))
def test_a_level_is_told_exactly_when_it_changes(free_mib: list[int]) -> None:
    """Events are as many as changes of level."""
    disk = DiskReserve(100 * MIB)
    for free in free_mib:
        before = disk.level
        assert (disk.look(free * MIB) is not None) == (disk.level != before)


def test_a_reserve_of_nothing_never_stops() -> None:
    """Who says 0 uses the whole disk."""
    disk = DiskReserve(parse_reserve_bytes("0B"))
    assert disk.look(0) is None


@pytest.mark.parametrize("text", ["lots", "5s", "-1MB", "10%", "500"])
def test_what_is_no_amount_of_disk_is_refused(text: str) -> None:
    """The sentence says what would be right."""
    with pytest.raises(InputError):
        parse_reserve_bytes(text)


def test_the_default_leaves_a_share_of_a_small_disk(tmp_path: Path) -> None:
    """Never more than 200 MB, nor a twentieth of the disk."""
    disk = os.statvfs(tmp_path)
    reserve = default_reserve_bytes(tmp_path)
    assert 0 < reserve <= min(200e6, disk.f_blocks * disk.f_frsize / 20)


def test_files_are_synced_until_the_end_though_their_writer_has_closed_them(tmp_path: Path) -> None:
    """Syncing holds descriptors of its own, and ends with one more sync."""
    info = RunInfo("r", "r", 0.0, 0.0, "")
    writer = RecordWriter(tmp_path, info)
    before = len(list(Path("/proc/self/fd").iterdir()))
    syncing = Syncing(writer.descriptors(), every_s=0.01)
    writer.row(RESULTS_CSV, {"elapsed_s": 1})
    writer.close()
    assert syncing.trouble() is None
    syncing.close()
    assert not syncing._thread.is_alive()
    assert len(list(Path("/proc/self/fd").iterdir())) < before


def test_a_disk_that_syncs_slower_than_its_pace_is_told_once() -> None:
    """The sentence says for how long a power cut could reach back."""
    syncing = Syncing([], every_s=0.5)
    syncing._slowest_s = 3.0
    assert "took 3 s" in (syncing.trouble() or "")
    assert syncing.trouble() is None
    syncing._slowest_s = 7.0
    assert "took 7 s" in (syncing.trouble() or "")
    syncing.close()


def test_a_disk_that_hangs_holds_up_neither_samples_nor_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Syncing waits in a thread of its own, and is not waited for beyond a bound."""
    hangs, released = threading.Event(), threading.Event()

    def hang(_descriptor: int) -> None:
        hangs.set()
        released.wait(30)

    monkeypatch.setattr("reli.recorder.syncing.os.fdatasync", hang)
    monkeypatch.setattr("reli.recorder.syncing._LAST_S", 0.2)
    writer = RecordWriter(tmp_path, RunInfo("r", "r", 0.0, 0.0, ""))
    syncing = Syncing(writer.descriptors(), every_s=0.01)
    assert hangs.wait(10)
    for index in range(100):
        writer.row(RESULTS_CSV, {"elapsed_s": index})
        writer.flush()
    syncing.close()
    assert syncing._thread.is_alive(), "it hangs still, and nobody waits"
    released.set()
    syncing._thread.join(10)
    writer.close()
    assert len(read_table(tmp_path / RESULTS_CSV)) == 100


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a small disk is mounted by root, where the kernel lets it")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def _fill(disk: Path, leave_bytes: int) -> None:
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "filler").write_bytes(b"x" * max(0, free - leave_bytes))


def _events(recorder: RecorderUnderTest) -> list[str]:
    columns = recorder.table(EVENTS_CSV).columns
    pairs = zip(columns["kind"], columns["message"], strict=True)
    return [message for kind, message in pairs if kind == "disk"]


def test_a_disk_with_little_left_gets_the_story_alone(small_disk: Path, recorders: Start) -> None:
    """Below the reserve resources are written a tenth as often, and every interval as ever."""
    recorder = recorders(small_disk, disk_reserve_bytes=600 * KIB)
    recorder.send_process()
    recorder.wait_for_rows(RESOURCES_CSV, 10)
    _fill(small_disk, 400 * KIB)
    recorder.wait_until(lambda: bool(_events(recorder)), "the reserve is told of")
    before = recorder.table(RESOURCES_CSV).columns["elapsed_s"]
    index = recorder.feed_until_rows(30)
    assert "a tenth as often" in _events(recorder)[0]
    samples = set(recorder.table(RESOURCES_CSV).columns["elapsed_s"]) - set(before)
    assert len(samples) <= index / 10 + 2
    (small_disk / "filler").unlink()
    recorder.wait_until(lambda: len(_events(recorder)) == 2, "there is plenty again")
    recorder.send("finish", {"state": "finished", "reason": ""})
    assert recorder.wait() == 0
    assert recorder.table(RESULTS_CSV).columns["requests"] == ["2"] * (index + 1)
    assert sum(int(n) for n in recorder.table(REQUESTS_CSV).columns["requests"]) == 2 * (index + 1)


def test_a_disk_below_a_quarter_of_its_reserve_ends_the_record(
    small_disk: Path, recorders: Start
) -> None:
    """The recorder stops in order: state, reason and event are on the disk, and no line is torn."""
    recorder = recorders(small_disk, disk_reserve_bytes=600 * KIB)
    recorder.feed_until_rows(5)
    _fill(small_disk, 100 * KIB)
    assert recorder.process.wait(30) == STOPPED
    info = read_run_info(recorder.directory)
    assert info.state == "lost"
    assert "nothing more is written" in info.state_reason
    assert _events(recorder)[-1] == info.state_reason
    assert recorder.table(RESULTS_CSV).torn_bytes == 0
    assert len(recorder.table(RESULTS_CSV)) >= 5


def test_a_disk_that_is_full_at_once_still_takes_the_last_words(
    small_disk: Path, recorders: Start
) -> None:
    """Nothing that was written is lost, and what was set aside holds the reason."""
    recorder = recorders(small_disk, disk_reserve_bytes=0)
    recorder.feed_until_rows(5)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(b"x" * 4096)
            except OSError:
                break
    index = 6
    while recorder.process.poll() is None and index < 3000:
        recorder.try_interval(index, stage=f"stage {index}")
        index += 1
    assert recorder.process.wait(60) == STOPPED
    assert b"No space left on device" in recorder.errors()
    info = read_run_info(recorder.directory)
    assert (info.state, info.state_reason) == (
        "lost",
        "the record could not be written: No space left on device",
    )
    assert _events(recorder) == [info.state_reason]
    kept = len(recorder.table(RESULTS_CSV))
    assert recorder.table(RESULTS_CSV).columns["requests"] == ["2"] * kept
    assert {name: recorder.table(name).torn_bytes for name in CSV_FILES} == dict.fromkeys(
        CSV_FILES, 0
    )
