"""``reli sample`` records what targets use without any load, and ends in order."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from reli_analysis.record import RunInfo, read_run_info
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import EVENTS_CSV, RESOURCES_CSV, RESULTS_CSV

LOAD_COLUMNS = ("users", "workers", "requests", "failures", "completed_per_s", "p95_ms")


@pytest.fixture
def target() -> Iterator[int]:
    """A process that does nothing, for as long as the test takes."""
    with subprocess.Popen(["sleep", "300"]) as process:
        yield process.pid
        process.kill()


class Sampling:
    """``reli sample`` in a directory of its own."""

    def __init__(self, home: Path, *arguments: str, **keywords: Any) -> None:
        self.home = home
        self.log = (home / f"log-{time.monotonic_ns()}").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from reli.cli import main; main()", "sample", *arguments],
            cwd=home,
            stdout=self.log,
            stderr=keywords.pop("stderr", subprocess.STDOUT),
            start_new_session=True,
            **keywords,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_others: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    @property
    def directory(self) -> Path:
        (record,) = (self.home / "runs").iterdir()
        return record

    def output(self) -> str:
        return Path(self.log.name).read_text()

    def wait_for_rows(self, rows: int) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output()
            with contextlib.suppress(ValueError, FileNotFoundError):
                if len(read_table(self.directory / RESULTS_CSV)) >= rows:
                    return
            time.sleep(0.05)
        pytest.fail(f"no {rows} rows: {self.output()}")

    def end(self, number: signal.Signals = signal.SIGINT) -> RunInfo:
        """End it as a terminal does; it has to exit with 0."""
        self.process.send_signal(number)
        assert self.process.wait(30) == 0, self.output()
        return read_run_info(self.directory)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_samples_until_it_is_told_to_end(
    tmp_path: Path, target: int, number: signal.Signals
) -> None:
    """Each interval has a row without load, each sample the target's; the end is in order."""
    with Sampling(tmp_path, f"pid:{target}", "--every", "100ms") as sampling:
        sampling.wait_for_rows(5)
        info = sampling.end(number)
    assert (info.state, info.load, info.planned_s) == ("finished", False, None)
    assert info.targets == (f"pid:{target}",)
    results = read_table(sampling.directory / RESULTS_CSV).columns
    assert set(results["window"]) == {"steady"}
    assert all(results["rss_bytes"][:5])
    assert {cell for column in LOAD_COLUMNS for cell in results[column]} == {""}
    resources = read_table(sampling.directory / RESOURCES_CSV).columns
    assert {"target", "recorder"} == set(resources["role"])
    assert "sampling into" in sampling.output()


def test_it_ends_by_itself_after_a_time(tmp_path: Path, target: int) -> None:
    """--for gives that many intervals, and a bare number is a process id."""
    with Sampling(tmp_path, str(target), "--for", "1s", "--every", "0.2s") as sampling:
        assert sampling.process.wait(30) == 0, sampling.output()
    info = read_run_info(sampling.directory)
    assert (info.state, info.planned_s) == ("finished", 1.0)
    elapsed = read_table(sampling.directory / RESULTS_CSV).columns["elapsed_s"]
    assert elapsed[-1] == "0.8"


def test_a_planned_end_that_was_not_waited_for_is_said(tmp_path: Path, target: int) -> None:
    """Interrupted is not finished, and still exits with 0."""
    with Sampling(tmp_path, str(target), "--for", "10m", "--every", "0.1s") as sampling:
        sampling.wait_for_rows(2)
        info = sampling.end()
    assert info.state == "interrupted"
    assert "of 600 s" in info.state_reason


def test_a_second_record_takes_no_first_ones_place(tmp_path: Path, target: int) -> None:
    """The same name twice makes two directories, both below --output."""
    for _ in range(2):
        arguments = (
            str(target),
            "-o",
            "kept",
            "--name",
            "idle",
            "--for",
            "0.2s",
            "--every",
            "0.1s",
        )
        with Sampling(tmp_path, *arguments) as sampling:
            assert sampling.process.wait(30) == 0, sampling.output()
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["idle", "idle-2"]


def test_a_sampler_that_is_killed_leaves_a_record_that_reads(tmp_path: Path, target: int) -> None:
    """SIGKILL tears nothing that a reader would stumble over."""
    with Sampling(tmp_path, str(target), "--every", "0.1s") as sampling:
        sampling.wait_for_rows(4)
        sampling.process.kill()
        sampling.process.wait()
        assert len(read_table(sampling.directory / RESULTS_CSV)) >= 4


def test_budgets_are_judged_by_the_analysis(tmp_path: Path, target: int) -> None:
    """A broken budget of a resource is a FAIL of a record without any load."""
    arguments = (str(target), "--every", "0.1s", "--for", "2s", "--budget", "max rss < 1KiB")
    with Sampling(tmp_path, *arguments) as sampling:
        assert sampling.process.wait(30) == 0, sampling.output()
    judged = subprocess.run(
        [sys.executable, "-m", "reli_analysis", str(sampling.directory), "--format", "json"],
        check=False,
        capture_output=True,
        text=True,
    )
    findings = json.loads(judged.stdout)["findings"]
    (broken,) = [f for f in findings if f["kind"] == "budget"]
    assert broken["verdict"] == "FAIL"


def test_a_budget_that_says_so_ends_it(tmp_path: Path, target: int) -> None:
    """A broken budget with abort ends the record long before its time."""
    budget = "max rss < 1KiB, abort after 1s"
    with Sampling(
        tmp_path, str(target), "--every", "0.2s", "--for", "5m", "--budget", budget
    ) as sampling:
        assert sampling.process.wait(60) == 0
    (record,) = (tmp_path / "runs").iterdir()
    info = read_run_info(record)
    assert info.state == "aborted"
    assert budget in info.state_reason
    events = read_table(record / EVENTS_CSV).columns
    assert [s for k, s in zip(events["kind"], events["subject"], strict=True) if k == "abort"] == [
        budget
    ]


def test_progress_is_one_line_that_is_rewritten(tmp_path: Path, target: int) -> None:
    """On a terminal: how long, and what each target uses, never wider than the terminal."""
    ours, theirs = pty.openpty()
    with Sampling(tmp_path, str(target), "--every", "0.1s", stderr=theirs) as sampling:
        os.close(theirs)
        sampling.wait_for_rows(5)
        sampling.end()
        shown = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    lines = [line for line in shown.decode().split("\r\x1b[2K") if "rss" in line]
    assert len(lines) >= 4
    assert f"pid:{target} rss " in lines[0]
    assert ", fds " in lines[0]
    assert all("\n" not in line and len(line) < 80 for line in lines)


def test_prometheus_reads_the_newest_sample(tmp_path: Path, target: int) -> None:
    """--metrics-port serves what is sampled, as it does in a run of load."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = (str(target), "--every", "0.1s", "--metrics-port", str(port))
    with Sampling(tmp_path, *arguments) as sampling:
        sampling.wait_for_rows(3)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        sampling.end()
    assert "reli_tree_rss_bytes" in text
    assert f'source="pid:{target}"' in text


def test_it_can_be_the_agent_of_its_host(tmp_path: Path, target: int) -> None:
    """--serve writes no record, and serves to who shows the token, until it is told to end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "token").write_text("correct-horse\n")
    arguments = (str(target), "--every", "0.1s", "--serve", address, "--token-file", "token")
    with Sampling(tmp_path, *arguments) as sampling:
        request = urllib.request.Request(f"http://{address}/metrics")
        deadline, text = time.monotonic() + 30, ""
        while f"pid:{target}" not in text:
            assert time.monotonic() < deadline, sampling.output()
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                request.add_header("Authorization", "Bearer correct-horse")
                with urllib.request.urlopen(request, timeout=10) as answer:
                    text = answer.read().decode()
        sampling.process.send_signal(signal.SIGTERM)
        assert sampling.process.wait(30) == 0, sampling.output()
    assert not (tmp_path / "runs").exists()


def test_a_quiet_record_has_events_of_targets_alone(tmp_path: Path, target: int) -> None:
    """The events of a record without load speak of no worker and no late report."""
    with Sampling(tmp_path, str(target), "--every", "0.1s", "--for", "0.5s") as sampling:
        assert sampling.process.wait(30) == 0, sampling.output()
    kinds = set(read_table(sampling.directory / EVENTS_CSV).columns["kind"])
    assert not kinds & {"worker", "late"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["banana:1"], "known:"),
        (["pid:x"], "needs a process id"),
        (["self"], "here is no load"),
        ([f"port:{n}" for n in range(1, 102)], "101 targets are too many"),
        (["1", "--every", "5ms"], "0.1s to 1h"),
        (["1", "--for", "soon"], "not a duration"),
        (["1", "--for", "0s"], "no length of time"),
        (["1", "--name", "../up"], "cannot name a run"),
        (["1", "--budget", "max banana < 1"], "banana"),
        (["1", "--disk-reserve", "5%"], "not an amount of disk"),
        (["1", "--metrics-port", "0"], "--metrics-port"),
        (["1", "--token-file", "x"], "only with --serve"),
        (["1", "--serve", "127.0.0.1:9", "--name", "x"], "no meaning with --serve"),
        (["1", "--serve", "127.0.0.1:9", "--tls-key", "x"], "go together"),
        (["1", "-o", "file/below"], "--output"),
        ([], "TARGET"),
    ],
)
def test_what_cannot_be_sampled_is_one_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    """Exit code 2, no traceback, and no record."""
    (tmp_path / "file").write_text("")
    ended = subprocess.run(
        [sys.executable, "-c", "from reli.cli import main; main()", "sample", *arguments],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2, ended.stderr
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "runs").exists()


def test_help_needs_neither_locust_nor_the_sources() -> None:
    """What is slow to import is imported by who samples; Locust by nobody here."""
    code = (
        "import sys, reli.commands.sample, reli.commands.attach; "
        "assert not {'locust', 'gevent', 'psutil', 'numpy'} & set(sys.modules); "
        "import reli.recorder.recording; "
        "assert not {'locust', 'gevent', 'numpy', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
