"""A record that goes on counts restarts on, also one that happened while nobody looked."""

from __future__ import annotations

from pathlib import Path

import pytest

from reli.recorder.segments import Last, Segments, last_segments
from reli.sampling import Reading
from reli_analysis.record import RecordWriter, RunInfo
from reli_analysis.record.layout import CGROUP, PROCESS, RESOURCES_CSV, TREE


def _readings(pid: int, segment: int = 0, started_s: float = 100.0) -> list[Reading]:
    return [
        Reading(PROCESS, "redis-server", {}, pid, started_s, segment=segment),
        Reading(TREE, "redis-server", {}, pid, started_s, segment=segment),
    ]


def _segments_of(readings: list[Reading]) -> list[int]:
    return [reading.segment for reading in readings]


@pytest.mark.parametrize(
    ("pid", "started_s", "segment", "goes_on_with"),
    [
        (7, 100.0, 0, 2),  # the same process: nothing has happened
        (8, 100.0, 0, 3),  # another in its place
        (7, 500.0, 0, 3),  # its pid, used again
        (7, 100.0, 2, 2),  # a source that has counted on by itself, on another host
        (9, 100.0, 3, 3),  # one that has, and saw the restart
    ],
)
def test_the_count_goes_on(pid: int, started_s: float, segment: int, goes_on_with: int) -> None:
    """The tree and its processes alike, and from there on as the source counts."""
    segments = Segments({"name:redis": Last(2, 7, 100.0)})
    first = segments.of("name:redis", _readings(pid, segment, started_s))
    assert _segments_of(first) == [goes_on_with] * 2
    restarted = segments.of("name:redis", _readings(99, segment + 1))
    assert _segments_of(restarted) == [goes_on_with + 1] * 2


def test_what_was_never_seen_counts_from_the_start() -> None:
    """So does everything in a record of one recorder."""
    readings = _readings(7)
    assert Segments({"host": Last(0, 0, 0.0)}).of("name:redis", readings) == readings
    assert Segments({}).of("name:redis", readings) == readings


def test_a_cgroup_goes_on_without_a_process_to_know_it_by() -> None:
    """Its segment is the last that was written."""
    segments = Segments({"cgroup:/web": Last(4, 0, 0.0)})
    assert _segments_of(segments.of("cgroup:/web", [Reading(CGROUP, "web", {})])) == [4]


def test_the_last_of_each_target_is_found_in_the_file(tmp_path: Path) -> None:
    """Of trees and cgroups, not of processes nor of reli's own."""
    writer = RecordWriter(tmp_path, RunInfo("r", "r", 0.0, 0.0, ""))
    rows = [
        ("target", "name:redis", TREE, 0, 7),
        ("target", "name:redis", TREE, 1, 8),
        ("target", "name:redis", PROCESS, 5, 9),
        ("target", "cgroup:/web", CGROUP, 3, None),
        ("recorder", "recorder", TREE, 0, 5),
    ]
    for role, source, kind, segment, pid in rows * 2:
        row = {"role": role, "source": source, "kind": kind, "segment": segment, "pid": pid}
        writer.row(RESOURCES_CSV, {**row, "started_s": 100.0 if pid else None})
    writer.close()
    assert last_segments(tmp_path / RESOURCES_CSV) == {
        "name:redis": Last(1, 8, 100.0),
        "cgroup:/web": Last(3, 0, 0.0),
    }
