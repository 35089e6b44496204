"""The recorder keeps a readable record whatever happens to it, to Locust or to the disk."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from reli.clock import boot_id
from reli.recorder.protocol import message, pack
from reli_analysis.record import MetricSpec, RunInfo, hlog, read_run_info
from reli_analysis.record.csvfile import Table, read_complete_text, read_table
from reli_analysis.record.layout import (
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
)

INTERVAL_S = 0.1


OPEN_MODEL = {
    "arrivals": 5,
    "dropped": 1,
    "finished": 2,
    "cut": 0,
    "waiting": 2,
    "running": 1,
    "busy_users": 1.5,
    "oldest_age_s": 0.5,
    "delays": [pack([700], "H"), pack([1], "I")],
    "services": [pack([500], "H"), pack([2], "I")],
    "responses": [pack([1200], "H"), pack([2], "I")],
    "idle_delays": [pack([300], "H"), pack([1], "I")],
}
"""What the load processes report of one interval in the open model."""


class RecorderUnderTest:
    """A real recorder process, fed by hand."""

    def __init__(self, parent: Path, metrics_port: int | None = None, **changes: Any) -> None:
        info = RunInfo(
            run_id="test",
            profile_name="test",
            started_wall_s=time.time(),
            started_monotonic_s=time.monotonic(),
            boot_id=boot_id(),
            interval_s=INTERVAL_S,
            targets=("self",),
        )
        info = dataclasses.replace(info, **changes)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reli.recorder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        body = {
            "info": info.to_json(),
            "uss_every_s": 1,
            "show_progress": False,
            "metrics_port": metrics_port,
        }
        self.send("begin", {"parent": str(parent), **body})
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], 20)
        assert readable, "the recorder did not answer"
        self.answer: dict[str, Any] = json.loads(self.process.stdout.readline())

    @property
    def directory(self) -> Path:
        return Path(self.answer["directory"])

    def send(self, kind: str, body: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(message(kind, body))
        self.process.stdin.flush()

    def interval(self, index: int, **changes: Any) -> None:
        body = {
            "index": index,
            "stage": "hold",
            "window": "steady",
            "users": 3,
            "workers": 1,
            "offered": 2.0,
            "iterations": 2,
            "health": {
                "lag_ms": 0.5,
                "cpu_cores": 0.25,
                "fds_ratio": 0.01,
                "sockets_ratio": 0.02,
            },
            "services": ["", ""],
            "open_model": None,
            "endpoints": [["GET", "/", 2, 1, 24, pack([1000, 2000], "H"), pack([1, 1], "I")]],
            "failures": [["GET", "/", "OSError", "down", 1]],
            "metrics": {},
        }
        self.send("interval", {**body, **changes})

    def table(self, name: str) -> Table:
        return read_table(self.directory / name)

    def wait_for_rows(self, name: str, rows: int) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if len(self.table(name)) >= rows:
                return
            time.sleep(0.05)
        pytest.fail(f"{name} did not get {rows} rows")

    def wait(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(20)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@pytest.fixture
def recorders() -> Iterator[Callable[..., RecorderUnderTest]]:
    """Starts recorders and leaves none behind."""
    started: list[RecorderUnderTest] = []

    def start(parent: Path, **changes: Any) -> RecorderUnderTest:
        started.append(RecorderUnderTest(parent, **changes))
        return started[-1]

    yield start
    for recorder in started:
        recorder.close()


Start = Callable[..., RecorderUnderTest]


def test_a_whole_run_is_in_its_files(tmp_path: Path, recorders: Start) -> None:
    """Every file of the record holds what was sent, and what was sampled."""
    recorder = recorders(tmp_path)
    recorder.send("process", {"pid": os.getpid(), "carries_load": True})
    for index in range(12):
        recorder.interval(index)
    recorder.wait_for_rows(RESULTS_CSV, 12)
    recorder.send("finish", {"state": "finished", "reason": ""})
    assert recorder.wait() == 0

    info = read_run_info(recorder.directory)
    assert info.state == "finished"
    results = recorder.table(RESULTS_CSV).columns
    assert results["requests"] == ["2"] * 12
    assert results["error_ratio"] == ["0.5"] * 12
    rss = [float(cell) for cell in results["rss_bytes"] if cell]
    assert len(rss) >= 10
    own = psutil.Process().memory_info().rss
    assert all(own / 2 < value < own * 2 for value in rss), "RSS of this very process"

    requests = recorder.table(REQUESTS_CSV).columns
    assert [int(n) for n in requests["requests"]] == [20, 4], "ten intervals, then the rest"
    assert sum(int(n) for n in recorder.table(FAILURES_CSV).columns["count"]) == 12
    roles = set(recorder.table(RESOURCES_CSV).columns["role"])
    assert roles == {"target", "generator", "recorder"}

    log, torn = read_complete_text(recorder.directory / LATENCY_HLOG)
    rows = [row for line in log.splitlines() if (row := hlog.parse_row(line))]
    everything = [hlog.decode(row.payload).total for row in rows if not row.tag]
    endpoint = [hlog.decode(row.payload).total for row in rows if row.tag]
    assert (everything, endpoint, torn) == ([2] * 12, [20, 4], 0)


def test_a_killed_recorder_leaves_a_record_that_reads(tmp_path: Path, recorders: Start) -> None:
    """SIGKILL takes at most the interval that was being written."""
    recorder = recorders(tmp_path)
    for index in range(5):
        recorder.interval(index)
    recorder.wait_for_rows(RESULTS_CSV, 5)
    recorder.process.send_signal(signal.SIGKILL)
    assert recorder.wait() == -signal.SIGKILL
    assert len(recorder.table(RESULTS_CSV)) == 5
    assert read_run_info(recorder.directory).state == "running", "nobody was left to change it"


def test_the_death_of_locust_is_recorded(tmp_path: Path, recorders: Start) -> None:
    """When whoever feeds the recorder is gone, the run is lost and says so."""
    recorder = recorders(tmp_path)
    recorder.interval(0)
    recorder.wait_for_rows(RESULTS_CSV, 1)
    assert recorder.wait() == 0
    info = read_run_info(recorder.directory)
    assert (info.state, info.state_reason) == ("lost", "Locust ended without saying so")
    assert "recorder" in recorder.table(EVENTS_CSV).columns["kind"]


def test_signals_for_locust_do_not_end_the_record(tmp_path: Path, recorders: Start) -> None:
    """Ctrl-C and SIGTERM reach the whole process group; the record goes on."""
    recorder = recorders(tmp_path)
    recorder.process.send_signal(signal.SIGINT)
    recorder.process.send_signal(signal.SIGTERM)
    recorder.interval(0)
    recorder.wait_for_rows(RESULTS_CSV, 1)
    recorder.send("finish", {"state": "interrupted", "reason": "Ctrl-C"})
    assert recorder.wait() == 0
    assert read_run_info(recorder.directory).state == "interrupted"


def test_a_process_that_ends_is_an_event_and_no_zero(tmp_path: Path, recorders: Start) -> None:
    """A target that is gone leaves empty cells, an event, and no crash."""
    with subprocess.Popen(["sleep", "60"]) as target:
        recorder = recorders(tmp_path, targets=(f"pid:{target.pid}",))
        recorder.wait_for_rows(RESOURCES_CSV, 4)
        target.kill()
        target.wait()
        deadline = time.monotonic() + 20
        while "process" not in recorder.table(EVENTS_CSV).columns["kind"]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    gone_at = recorder.table(EVENTS_CSV).columns["elapsed_s"][-1]
    last = int(float(gone_at) / INTERVAL_S) + 2
    for index in range(last + 1):
        recorder.interval(index)
    recorder.wait_for_rows(RESULTS_CSV, last)
    recorder.send("finish", {"state": "finished", "reason": ""})
    assert recorder.wait() == 0
    rss = recorder.table(RESULTS_CSV).columns["rss_bytes"]
    assert any(rss), "it was sampled while it was there"
    assert rss[-1] == "", "gone is empty, not 0"


def test_an_unwritable_directory_is_one_sentence(tmp_path: Path, recorders: Start) -> None:
    """The recorder answers instead of dying."""
    blocker = tmp_path / "file"
    blocker.write_text("")
    recorder = recorders(blocker)
    assert "cannot be made" in recorder.answer["message"]
    assert recorder.wait() == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_loses_nothing_that_was_written(tmp_path: Path, recorders: Start) -> None:
    """When the disk is full the recorder says so, stops, and what is there reads."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("this kernel does not let us mount a tmpfs")
    try:
        recorder = recorders(disk)
        sent = 0
        try:
            for index in range(3000):
                recorder.interval(index, stage=f"stage {index}")
                sent += 1
        except BrokenPipeError:
            pass
        assert recorder.process.wait(60) == 1
        assert recorder.process.stderr is not None
        assert b"No space left on device" in recorder.process.stderr.read()
        kept = len(recorder.table(RESULTS_CSV))
        assert 0 < kept < sent
        assert recorder.table(RESULTS_CSV).columns["requests"] == ["2"] * kept
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_prometheus_reads_the_run(tmp_path: Path, recorders: Start) -> None:
    """/metrics on loopback has the totals, the last latencies and the service's metrics (J083)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    specs = (MetricSpec("queue_ratio", "gauge", "use of the queue", "ratio"),)
    recorder = recorders(tmp_path, metrics_port=port, metrics=specs)
    for index in range(3):
        recorder.interval(index, metrics={"queue_ratio": 0.25}, open_model=OPEN_MODEL)
    recorder.wait_for_rows(RESULTS_CSV, 3)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    values = {
        (sample.name, sample.labels.get("quantile")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert values["reli_requests_total", None] == 6
    assert values["reli_failures_total", None] == 3
    assert values["reli_users", None] == 3
    assert values["reli_service_queue_ratio", None] == 0.25
    assert values["reli_arrivals_total", None] == 15
    assert values["reli_dropped_arrivals_total", None] == 3
    assert values["reli_waiting_arrivals", None] == 2
    # Buckets 1000 and 2000 of the histogram sent hold 1,000 ns and 2,000 ns.
    assert values["reli_response_seconds", "0.5"] == pytest.approx(1e-6, rel=0.01)
    assert values["reli_response_seconds", "0.99"] == pytest.approx(2e-6, rel=0.01)


def test_the_open_model_has_columns_and_histograms_of_its_own(
    tmp_path: Path, recorders: Start
) -> None:
    """Service times stand beside response times; a drop is a failure that nobody answered."""
    recorder = recorders(tmp_path)
    services = [pack([500], "H"), pack([2], "I")]
    endpoints = [
        ["GET", "/", 1, 0, 12, pack([1000], "H"), pack([1], "I")],
        ["ARRIVAL", "(dropped)", 1, 1, 0, pack([2000], "H"), pack([1], "I")],
    ]
    recorder.interval(0, services=services, open_model=OPEN_MODEL, endpoints=endpoints)
    recorder.interval(1)
    recorder.wait_for_rows(RESULTS_CSV, 2)
    columns = recorder.table(RESULTS_CSV).columns
    open_row, closed_row = ({name: cells[at] for name, cells in columns.items()} for at in (0, 1))
    assert float(open_row["service_max_ms"]) == pytest.approx(500e-6, rel=0.01)
    assert float(open_row["max_ms"]) == pytest.approx(2000e-6, rel=0.01)
    assert (open_row["requests"], open_row["completed_per_s"]) == ("2", "10")
    levels = ("arrivals", "dropped", "waiting", "busy_users")
    assert [open_row[name] for name in levels] == ["5", "1", "2", "1.5"]
    assert float(open_row["start_delay_max_ms"]) == pytest.approx(700e-6, rel=0.01)
    assert float(open_row["idle_start_delay_p99_ms"]) == pytest.approx(300e-6, rel=0.01)
    assert {closed_row[name] for name in levels} == {""}
    assert closed_row["service_max_ms"] == closed_row["max_ms"]
    log = (recorder.directory / "latency.hlog").read_text()
    for tag in ("s:", "i:start_delay", "i:service", "i:response"):
        assert log.count(f"Tag={tag},") == 1


def test_a_taken_metrics_port_is_one_sentence(tmp_path: Path, recorders: Start) -> None:
    """A port that another program has is said before the run."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        recorder = recorders(tmp_path, metrics_port=taken.getsockname()[1])
        assert "--metrics-port" in recorder.answer["message"]
        assert recorder.wait() == 2
