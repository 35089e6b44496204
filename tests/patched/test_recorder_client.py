"""Locust's side of the recorder: what it sends is written once, whatever happens to the recorder."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
import pytest

from reli.clock import boot_id
from reli.recorder.client import RecorderClient
from reli.recorder.outbox import MOST_BYTES
from reli.recorder.protocol import pack
from reli.recorder.settings import Settings
from reli.recorder.told import Abort
from reli_analysis.record import RunInfo, hlog, read_run_info
from reli_analysis.record.csvfile import Table, read_complete_text, read_table
from reli_analysis.record.layout import (
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
)

MIB = 2**20
INTERVAL_S = 0.1


def _client(
    parent: Path,
    on_told: Callable[[dict[str, Any]], None] | None = None,
    on_abort: Callable[[Abort], None] | None = None,
    budgets: tuple[str, ...] = (),
) -> RecorderClient:
    info = RunInfo(
        run_id="test",
        profile_name="test",
        started_wall_s=time.time(),
        started_monotonic_s=time.monotonic(),
        boot_id=boot_id(),
        interval_s=INTERVAL_S,
        targets=("self",),
        budgets=budgets,
    )
    return RecorderClient(info, Settings(str(parent)), on_told, on_abort)


def _send_interval(client: RecorderClient, index: int, stage: str = "hold") -> None:
    body = {
        "index": index,
        "stage": stage,
        "window": "steady",
        "users": 3,
        "workers": 1,
        "offered": 2.0,
        "iterations": 2,
        "health": {"lag_ms": 0.5, "cpu_cores": 0.25, "fds_ratio": 0.01, "sockets_ratio": 0.02},
        "services": ["", ""],
        "open_model": None,
        "endpoints": [["GET", "/", 2, 1, 24, pack([1000, 2000], "H"), pack([1, 1], "I")]],
        "failures": [["GET", "/", "OSError", "down", 1]],
        "metrics": {},
    }
    client.send("interval", body)


def _send_event(client: RecorderClient, message: str) -> None:
    client.send("event", {"event": "worker", "subject": "w1", "message": message})


def _table(client: RecorderClient, name: str) -> Table:
    return read_table(Path(client.directory) / name)


def _wait_until(true: Callable[[], bool]) -> None:
    with gevent.Timeout(30):
        while not true():
            gevent.sleep(0.02)


def _recorder_pid(client: RecorderClient) -> int:
    """From the record, as it says that it is written by whom."""
    return int(read_run_info(Path(client.directory)).recorder["pid"])


def test_each_written_interval_comes_back(tmp_path: Path) -> None:
    """The callback is told of every interval, in order, with what was made of it."""
    told: list[dict[str, Any]] = []
    client = _client(tmp_path, told.append)
    for index in range(5):
        _send_interval(client, index)
    _wait_until(lambda: len(told) == 5)
    assert client.finish("finished", "")
    assert [one["index"] for one in told] == list(range(5))
    assert {one["requests"] for one in told} == {2}
    assert json.loads(json.dumps(told)) == told


def test_a_budget_that_ends_the_run_is_told_once(tmp_path: Path) -> None:
    """With the number that broke it; half of the requests that are sent here fail."""
    aborts: list[Abort] = []
    budget = "error_ratio < 20%, abort"
    client = _client(tmp_path, on_abort=aborts.append, budgets=(budget,))
    for index in range(60):
        _send_interval(client, index)
    _wait_until(lambda: bool(aborts))
    _wait_until(lambda: len(_table(client, RESULTS_CSV)) == 60)
    assert client.finish("aborted", "")
    (abort,) = aborts
    assert (abort.budget, abort.message) == (budget, "50 % breaks the limit of 20 %")
    events = _table(client, EVENTS_CSV).columns
    assert events["kind"].count("abort") == 1


def test_what_is_shown_cannot_end_what_is_recorded(tmp_path: Path) -> None:
    """A callback that raises is called no more, and the record goes on."""
    calls = []

    def raises(told: dict[str, Any]) -> None:
        calls.append(told["index"])
        raise ValueError("a bug in a chart")

    client = _client(tmp_path, raises)
    for index in range(5):
        _send_interval(client, index)
    _wait_until(lambda: len(_table(client, RESULTS_CSV)) == 5)
    assert client.finish("finished", "")
    assert calls == [0]


def test_a_killed_recorder_goes_on_with_its_record(tmp_path: Path) -> None:
    """After one SIGKILL every interval, endpoint, failure and event is there once, with the gap."""
    client = _client(tmp_path)
    sent = 0

    def send(intervals: int) -> None:
        nonlocal sent
        for _ in range(intervals):
            _send_interval(client, sent, stage="one" if sent < 17 else "two")
            _send_event(client, f"event {sent}")
            sent += 1

    send(13)
    _wait_until(lambda: len(_table(client, RESULTS_CSV)) == 13)
    samples = len(_table(client, RESOURCES_CSV))
    os.kill(_recorder_pid(client), signal.SIGSTOP)
    gevent.sleep(4 * INTERVAL_S)  # so that samples are missed for sure
    os.kill(_recorder_pid(client), signal.SIGKILL)
    send(12)  # some of it into the pipe of a process that is dead
    _wait_until(lambda: len(_table(client, RESULTS_CSV)) == 25)
    assert client.alive
    assert client.finish("finished", "")

    results = _table(client, RESULTS_CSV).columns
    assert results["elapsed_s"] == [f"{index * INTERVAL_S:.9g}" for index in range(25)]
    assert results["requests"] == ["2"] * 25
    requests = _table(client, REQUESTS_CSV).columns
    assert [int(n) for n in requests["requests"]] == [20, 14, 16]
    assert sum(int(n) for n in _table(client, FAILURES_CSV).columns["count"]) == 25
    log, _torn = read_complete_text(Path(client.directory) / LATENCY_HLOG)
    rows = [row for line in log.splitlines() if (row := hlog.parse_row(line))]
    assert [hlog.decode(row.payload).total for row in rows if not row.tag] == [2] * 25
    assert sum(hlog.decode(row.payload).total for row in rows if row.tag) == 50

    events = _table(client, EVENTS_CSV).columns
    by_kind = list(zip(events["kind"], events["message"], strict=True))
    workers = [message for kind, message in by_kind if kind == "worker"]
    assert workers == [f"event {index}" for index in range(25)]
    assert [kind for kind, _ in by_kind].count("stage") == 2
    assert any(kind == "recorder" and "SIGKILL" in message for kind, message in by_kind)
    assert any(kind == "gap" and "missed" in message for kind, message in by_kind)
    assert len(_table(client, RESOURCES_CSV)) > samples, "samples before and after the gap"
    info = read_run_info(Path(client.directory))
    assert info.state == "finished"
    assert len(list(tmp_path.iterdir())) == 1, "no second record"


def test_what_was_written_and_not_acknowledged_is_not_there_twice(tmp_path: Path) -> None:
    """Killed between writing and saying so, or in the middle of a line: each row is there once."""
    client = _client(tmp_path)
    for index in range(5):
        _send_interval(client, index)
        _send_event(client, f"event {index}")
    _wait_until(lambda: client._at.written == 4 and client._at.events == 5)
    pid = _recorder_pid(client)
    os.kill(pid, signal.SIGSTOP)
    _send_event(client, "event 5")
    for index in range(5, 8):
        _send_interval(client, index)
    gevent.sleep(0.05)
    directory = Path(client.directory)
    _append(directory / RESULTS_CSV, "{last}0.6,1,0.1,ho", {"0.4,": "0.5,"})
    _append(directory / LATENCY_HLOG, "{last}0.6", {"0.400,": "0.500,"})
    _append(directory / EVENTS_CSV, "{last}1.5", {"event 4": "event 5"}, of="event 4")
    _append(directory / RESOURCES_CSV, "0.55,17", {})
    os.kill(pid, signal.SIGKILL)
    _wait_until(lambda: len(_table(client, RESULTS_CSV)) == 8)
    assert client.finish("finished", "")
    elapsed = [f"{index * INTERVAL_S:.9g}" for index in range(8)]
    assert _table(client, RESULTS_CSV).columns["elapsed_s"] == elapsed
    assert _table(client, RESULTS_CSV).torn_bytes == _table(client, RESOURCES_CSV).torn_bytes == 0
    log, _torn = read_complete_text(directory / LATENCY_HLOG)
    rows = [row for line in log.splitlines() if (row := hlog.parse_row(line)) and not row.tag]
    assert [row.start_s for row in rows] == pytest.approx(
        [index * INTERVAL_S for index in range(8)]
    )
    events = _table(client, EVENTS_CSV).columns
    workers = [m for k, m in zip(events["kind"], events["message"], strict=True) if k == "worker"]
    assert workers == [f"event {index}" for index in range(6)]


def _append(path: Path, text: str, changes: dict[str, str], of: str = "") -> None:
    """Write behind the recorder's back what it would have: a line like its last, and half a one."""
    lines = [line for line in path.read_text().splitlines(keepends=True) if of in line]
    last = lines[-1]
    for before, after in changes.items():
        last = last.replace(before, after, 1)
    with path.open("a") as file:
        file.write(text.format(last=last))


def test_a_recorder_that_is_killed_twice_has_failed(tmp_path: Path) -> None:
    """The second death is the run's: it says so, and the record is lost."""
    client = _client(tmp_path)
    for killed in range(2):
        _send_interval(client, killed)
        _wait_until(lambda: len(_table(client, RESULTS_CSV)) == killed + 1)  # noqa: B023 -- called at once
        pid = _recorder_pid(client)
        os.kill(pid, signal.SIGKILL)
        if not killed:
            _wait_until(lambda: _recorder_pid(client) != pid)  # noqa: B023 -- called at once
    _wait_until(lambda: not client.alive)
    assert "killed by SIGKILL" in client.trouble
    assert not client.finish("lost", client.trouble)
    info = read_run_info(Path(client.directory))
    assert (info.state, info.state_reason) == ("lost", client.trouble)
    assert len(_table(client, RESULTS_CSV)) == 2


def test_a_recorder_that_hangs_has_failed_once_too_much_waits_for_it(tmp_path: Path) -> None:
    """Up to the limit its messages wait; past it, the run is told that nothing is recorded."""
    client = _client(tmp_path)
    pid = _recorder_pid(client)
    os.kill(pid, signal.SIGSTOP)
    try:
        text = "x" * MIB
        for _ in range(MOST_BYTES // MIB - 2):
            _send_event(client, text)
            gevent.sleep(0)
        assert client.alive
        for _ in range(4):
            _send_event(client, text)
        assert not client.alive
        # It hangs still: nothing but SIGKILL ends it, and nobody waits for it to finish.
        assert not client.finish("lost", client.trouble)
        assert client._keeper.ready()
    finally:
        os.kill(pid, signal.SIGKILL) if _runs(pid) else None
    assert read_run_info(Path(client.directory)).state == "lost"


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
