"""The sums beside an interval log stand for its rows: the same counts, whatever is asked."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reli_analysis.latency import ALL_REQUESTS, LatencyLog
from reli_analysis.readers.interval_log import read_interval_log
from reli_analysis.record import Histogram, RecordWriter, RunInfo, hlog
from reli_analysis.record.layout import LATENCY_HLOG, LATENCY_SUMS_HLOG

if TYPE_CHECKING:
    from pathlib import Path

LENGTH_S = 4000
GET = hlog.endpoint_tag("GET", "/a")
TAGS = (ALL_REQUESTS, GET)
SPANS = (
    ((0.0, 4000.0),),
    ((60.0, 3950.0),),
    ((600.0, 1200.0),),
    ((601.0, 1199.0),),
    ((100.0, 1900.0), (2000.0, 3100.0)),
    ((-np.inf, np.inf),),
    ((3999.0, 4000.0),),
)


def _info() -> RunInfo:
    return RunInfo("long", "soak", 1.8e9, 0.0, "", planned_s=LENGTH_S)


def _write(writer: RecordWriter, seconds: range) -> None:
    source = random.Random(7)
    for at in seconds:
        counts = {source.randrange(20_000, 21_000): 1 + at % 3 for _ in range(3)}
        writer.histogram(at, 1, counts)
        if at % 10 == 9:
            writer.histogram(at - 9, 10, {20_000 + at % 50: 5}, GET)


@pytest.fixture
def both(tmp_path: Path) -> tuple[LatencyLog, LatencyLog]:
    """The log with its sums, and without."""
    directory = tmp_path / "with"
    directory.mkdir()
    writer = RecordWriter(directory, _info())
    _write(writer, range(LENGTH_S))
    writer.close()
    alone = tmp_path / "without"
    shutil.copytree(directory, alone)
    (alone / LATENCY_SUMS_HLOG).unlink()
    logs = []
    for path in (directory, alone):
        log, damage = read_interval_log(path / LATENCY_HLOG)
        assert not damage
        logs.append(log)
    return logs[0], logs[1]


@pytest.mark.parametrize("spans", SPANS)
def test_sums_add_up_to_the_rows(
    both: tuple[LatencyLog, LatencyLog], spans: tuple[tuple[float, float], ...]
) -> None:
    """Merged over any spans, whether they end with a frame or in the middle of one."""
    framed, plain = both
    assert list(framed.tags()) == list(plain.tags())
    for tags in ((ALL_REQUESTS,), (GET,), TAGS):
        ours, theirs = (log.merged(tags, spans) for log in (framed, plain))
        assert np.array_equal(ours.indexes, theirs.indexes)
        assert np.array_equal(ours.counts, theirs.counts)
        blocks, expected = (log.in_blocks(tags, spans).counts for log in (framed, plain))
        assert np.array_equal(blocks, expected)
        assert framed.row_length_s(tags) == plain.row_length_s(tags)


def test_each_row_is_still_there(both: tuple[LatencyLog, LatencyLog]) -> None:
    """What needs single intervals gets them: sliding windows, means, short cells."""
    framed, plain = both
    begins = np.arange(0.0, 3900.0, 10.0)
    ours, theirs = (log.sliding_quantiles((ALL_REQUESTS,), 0.95, begins, 30.0) for log in both)
    assert np.array_equal(ours.values_ms, theirs.values_ms)
    assert np.array_equal(framed.row_means(GET).totals, plain.row_means(GET).totals)
    borders_s = np.arange(0.0, 4001.0, 50.0)
    cells = [log.cells((GET,), borders_s, ((0.0, 4000.0),)) for log in both]
    assert np.array_equal(cells[0].counts, cells[1].counts)


def test_the_sums_are_read_and_not_the_rows(tmp_path: Path) -> None:
    """Two frames of three are whole; rows inside them are not needed for the whole run."""
    writer = RecordWriter(tmp_path, _info())
    _write(writer, range(1500))
    writer.close()
    path = tmp_path / LATENCY_HLOG
    log, _damage = read_interval_log(path)
    expected = log.merged((ALL_REQUESTS,), ((0.0, 1500.0),)).total
    lines = path.read_text().splitlines(keepends=True)
    inside = [at for at, line in enumerate(lines) if line.startswith(("100.000,", "900.000,"))]
    for at in inside:
        lines[at] = lines[at][:20] + "?" * (len(lines[at]) - 21) + "\n"
    path.write_text("".join(lines))
    spoilt, _damage = read_interval_log(path)
    assert spoilt.merged((ALL_REQUESTS,), ((0.0, 1500.0),)).total == expected
    assert spoilt.merged((ALL_REQUESTS,), ((1.0, 1199.0),)).unreadable_rows == len(inside)


@pytest.mark.parametrize("cut", ["in a row", "before the last frame is complete"])
def test_a_frame_that_is_not_complete_does_not_count(tmp_path: Path, cut: str) -> None:
    """A recorder that died while it wrote a frame leaves its rows in the log."""
    writer = RecordWriter(tmp_path, _info())
    _write(writer, range(1500))
    writer.close()
    log, _damage = read_interval_log(tmp_path / LATENCY_HLOG)
    expected = log.merged(TAGS, ((0.0, 1500.0),)).total
    sums = tmp_path / LATENCY_SUMS_HLOG
    text = sums.read_text()
    end = text.rindex("#[Frame") - (30 if cut == "in a row" else 0)
    sums.write_text(text[:end])
    log, damage = read_interval_log(tmp_path / LATENCY_HLOG)
    assert not damage
    assert log.merged(TAGS, ((0.0, 1500.0),)).total == expected


def test_a_resumed_record_counts_nothing_twice(tmp_path: Path) -> None:
    """The frame in which a recorder died has no sum; those before and after have."""
    writer = RecordWriter(tmp_path, _info())
    _write(writer, range(800))
    writer.close()
    resumed = RecordWriter(tmp_path, _info(), resume_at={})
    _write(resumed, range(800, 2000))
    resumed.close()
    said = (tmp_path / LATENCY_SUMS_HLOG).read_text()
    frames = [line.split(",")[0] for line in said.splitlines() if line.startswith("#[Frame")]
    assert frames == ["#[Frame: 0.000", "#[Frame: 1200.000"]
    whole = ((0.0, 2000.0),)
    log, damage = read_interval_log(tmp_path / LATENCY_HLOG)
    assert not damage
    total = log.merged(TAGS, whole).total
    (tmp_path / LATENCY_SUMS_HLOG).unlink()
    plain, _damage = read_interval_log(tmp_path / LATENCY_HLOG)
    assert total == plain.merged(TAGS, whole).total > 0


def test_sums_are_an_interval_log_of_their_own(tmp_path: Path) -> None:
    """Other tools read them: each row is a histogram of ten minutes."""
    writer = RecordWriter(tmp_path, _info())
    _write(writer, range(1300))
    writer.close()
    lines = (tmp_path / LATENCY_SUMS_HLOG).read_text().splitlines()
    rows = [hlog.parse_row(line) for line in lines]
    found = [row for row in rows if row is not None]
    assert {(row.start_s, row.length_s, row.tag) for row in found} == {
        (start, 600.0, tag) for start in (0.0, 600.0) for tag in TAGS
    }
    assert all(isinstance(hlog.decode(row.payload), Histogram) for row in found)
