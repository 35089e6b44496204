"""A recorder that goes on with a record takes the standings of its budgets up where they were."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reli.clock import RunClock
from reli.recorder import past
from reli.recorder.budgets import LiveBudgets
from reli.recorder.checkpoint import Checkpoint
from reli.recorder.protocol import IntervalRow
from reli.recorder.recording import Recorder
from reli.recorder.settings import Resume, Settings
from reli_analysis.record import MetricSpec, RunInfo
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import BUDGETS_CSV, EVENTS_CSV, LATENCY_HLOG
from support.recorded import arrivals, buckets, endpoint, run_info, table_of, usual

BUDGETS = (
    "p95 < 2ms",
    "service_p99 < 3ms",
    "p95 < 4ms over 15s",
    'p50 of "GET /b" < 1ms over 20s',
    "mean < 1ms",
    'max_latency of "/a*" < 1ms',
    "error_ratio < 1%",
    'error_ratio of "/a" < 1% over 20s',
    "dropped_ratio < 1%",
    "throughput > 100/s over 10s",
    "max level < 1",
    "last level < 1",
    "growth level < 1",
    "hits < 10",
    "no leak in rss",
)
METRICS = (MetricSpec("level", "gauge", "a wave"), MetricSpec("hits", "counter", "calls that hit"))
LENGTH = 57


def _row(index: int) -> IntervalRow:
    """An interval like no other one, so that one left out or taken twice is noticed."""
    spread = [1.0 + (index * 7 + at) % 13 / 10 for at in range(20)]
    return usual(
        index,
        stage="ramp" if index < 5 else "hold",
        window="warm-up" if index < 5 else "steady",
        services=buckets(ms / 2 for ms in spread),
        open_model=arrivals(20, index % 3),
        endpoints=(
            endpoint("/a", spread, failures=index % 4),
            endpoint("/b", [ms * 2 for ms in spread]),
            endpoint("(dropped)", [9.0] * (index % 3), index % 3, "ARRIVAL"),
        ),
        metrics={"level": 2.0 + index % 9 + index / 10, "hits": 3.0 * index},
    )


def _began_long_ago() -> RunInfo:
    """Every interval of the run has its sample behind it: what is taken is written at once."""
    return run_info(
        budgets=BUDGETS,
        metrics=METRICS,
        started_monotonic_s=time.monotonic() - 1000,
        started_wall_s=time.time() - 1000,
    )


def _open(info: RunInfo, parent: Path, resume: Resume | None = None) -> Recorder:
    clock = RunClock.join(info.started_monotonic_s, info.started_wall_s, 1.0, info.boot_id)
    recorder = Recorder(info, Settings(str(parent)), resume, clock)
    recorder.sample()
    return recorder


def _feed(recorder: Recorder, indexes: range, row: Callable[[int], IntervalRow] = _row) -> None:
    for index in indexes:
        recorder.take(row(index))
        recorder.write()


def _kill(recorder: Recorder) -> Checkpoint:
    """Leave the record as it is, as a SIGKILL does; returns how far it is written."""
    at = recorder.checkpoint()
    recorder._writer.close()
    recorder._watch.close()
    recorder._sampler.close()
    return at


def _last(directory: Path) -> dict[str, tuple[str, str]]:
    """How each budget stood in the end: its number and its word."""
    rows = table_of(read_table(directory / BUDGETS_CSV).columns)
    return {row["budget"]: (row["observed"], row["standing"]) for row in rows}


def _events(directory: Path, kind: str) -> list[tuple[str, str]]:
    rows = table_of(read_table(directory / EVENTS_CSV).columns)
    return [(row["elapsed_s"], row["subject"]) for row in rows if row["kind"] == kind]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a recorder that lived to the end."""
    recorder = _open(_began_long_ago(), tmp_path_factory.mktemp("whole"))
    _feed(recorder, range(LENGTH))
    recorder.end("finished", "")
    return recorder.directory


def _killed_at(parent: Path, killed: int, resent_from: int | None = None) -> Path:
    """The record of one that was killed after so many intervals, and of its successor."""
    info = _began_long_ago()
    first = _open(info, parent)
    _feed(first, range(killed))
    at = _kill(first)
    second = _open(info, parent, Resume(str(first.directory), at, "killed by SIGKILL"))
    _feed(second, range(at.gathered_from if resent_from is None else resent_from, LENGTH))
    second.end("finished", "")
    return second.directory


@pytest.mark.parametrize("killed", [0, 3, 15, 29, 35, 36, 56])
def test_standings_go_on_after_a_death(tmp_path: Path, undisturbed: Path, killed: int) -> None:
    """Wherever the recorder died, every number in the end is as if it had lived."""
    directory = _killed_at(tmp_path, killed)
    assert _last(directory) == _last(undisturbed)
    assert set(_events(directory, "breach")) == set(_events(undisturbed, "breach"))
    assert len(_events(directory, "breach")) == len(_events(undisturbed, "breach"))


def test_a_long_record_is_read_in_slices(
    tmp_path: Path, undisturbed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no time to read all at once, intervals that come meanwhile are neither lost nor kept."""
    monkeypatch.setattr("reli.recorder.budgets._SLICE_S", -1.0)
    monkeypatch.setattr("reli.recorder.budgets._LAST_S", 30.0)
    held: list[int] = []
    catch_up = LiveBudgets.catch_up

    def counted(budgets: LiveBudgets, gathered_from: int, for_s: float = 0.0) -> None:
        catch_up(budgets, gathered_from, for_s or -1.0)
        held.append(len(budgets._held))

    monkeypatch.setattr(LiveBudgets, "catch_up", counted)
    directory = _killed_at(tmp_path, 30)
    assert _last(directory) == _last(undisturbed)
    assert 0 < max(held) <= 10


def test_a_budget_that_ended_the_run_is_told_again(tmp_path: Path) -> None:
    """A recorder that died before Locust heard of the abort leaves it in the record, once."""
    info = replace(_began_long_ago(), budgets=("error_ratio < 1%, abort",))
    first = _open(info, tmp_path)
    _feed(first, range(40))
    at = _kill(first)
    (event,) = _events(first.directory, "abort")
    second = _open(info, tmp_path, Resume(str(first.directory), at, "killed by SIGKILL"))
    told = []

    class Listener:
        def tell(self, said: object) -> None:
            told.append(said)

        def close(self) -> None:
            return

    second.observers.append(Listener())
    _feed(second, range(at.gathered_from, 42))
    second.end("aborted", "")
    assert [said.abort.budget for said in told] == [event[1]] * 2  # type: ignore[attr-defined]  # Told
    assert {str(said.abort.elapsed_s) for said in told} == {f"{float(event[0])}"}  # type: ignore[attr-defined]  # Told
    assert _events(second.directory, "abort") == [event]


def test_a_record_that_cannot_be_read_again_counts_from_here(tmp_path: Path) -> None:
    """A damaged histogram costs the standings so far, and never the record."""
    info = _began_long_ago()
    first = _open(info, tmp_path)
    _feed(first, range(30))
    at = _kill(first)
    log = first.directory / LATENCY_HLOG
    log.write_bytes(log.read_bytes().replace(b",HISTFAA", b",HISTFAAX"))
    lines = log.read_text().splitlines(keepends=True)
    lines[8] = lines[8][:-20] + "AAAAAAAAAAAAAAAAAAA\n"
    log.write_text("".join(lines))
    second = _open(info, tmp_path, Resume(str(first.directory), at, "killed by SIGKILL"))
    _feed(second, range(at.gathered_from, LENGTH))
    second.end("finished", "")
    events = table_of(read_table(second.directory / EVENTS_CSV).columns)
    said = [row["message"] for row in events if row["kind"] == "recorder"]
    assert len(said) == 2
    assert "cannot be read again" in said[1]
    assert float(_last(second.directory)["mean < 1ms"][0]) > 0


def test_past_reads_only_what_is_written(undisturbed: Path) -> None:
    """It stops where it is told to, goes on from there, and gives every interval once."""
    seen: list[past.Interval] = []
    reader = past.Past(undisturbed, 1.0, latencies=True)
    assert reader.read(30, seen.append, 10.0)
    assert [one.row.index for one in seen] == list(range(30))
    assert reader.read(10_000, seen.append, 10.0)
    reader.close()
    assert [one.row.index for one in seen] == list(range(LENGTH))
    requests = sum(e.requests for one in seen for e in one.row.endpoints)
    assert requests == sum(e.requests for index in range(LENGTH) for e in _row(index).endpoints)
    assert sum(one.everything.total for one in seen) == requests
