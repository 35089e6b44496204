"""The recorder keeps a readable record whatever happens to it or to Locust."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from reli.recorder.protocol import pack
from reli_analysis.record import hlog, read_run_info
from reli_analysis.record.csvfile import read_complete_text
from reli_analysis.record.layout import (
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
)
from support.recorders import INTERVAL_S, Start

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


def test_a_whole_run_is_in_its_files(tmp_path: Path, recorders: Start) -> None:
    """Every file of the record holds what was sent, and what was sampled."""
    recorder = recorders(tmp_path)
    recorder.send_process()
    recorder.feed_until_rows(12)
    recorder.send("finish", {"state": "finished", "reason": ""})
    assert recorder.wait() == 0

    info = read_run_info(recorder.directory)
    assert info.state == "finished"
    results = recorder.table(RESULTS_CSV).columns
    assert results["requests"] == ["2"] * 12
    assert results["error_ratio"] == ["0.5"] * 12
    rss = [float(cell) for cell in results["rss_bytes"] if cell]
    assert rss, "some were sampled, however busy this host is"
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
        while "exit" not in recorder.table(EVENTS_CSV).columns["kind"]:
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
