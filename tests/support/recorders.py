"""A real recorder process, fed by hand."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reli.clock import boot_id
from reli.recorder.protocol import message, pack
from reli.recorder.settings import Settings
from reli_analysis.record import RunInfo
from reli_analysis.record.csvfile import Table, read_table
from reli_analysis.record.layout import RESULTS_CSV
from support.waiting import readable

INTERVAL_S = 0.1


class RecorderUnderTest:
    """``changes`` are fields of its ``run.json``, or of its settings where these have the name."""

    def __init__(self, parent: Path, **changes: Any) -> None:
        info = RunInfo(
            run_id="test",
            profile_name="test",
            started_wall_s=time.time(),
            started_monotonic_s=time.monotonic(),
            boot_id=boot_id(),
            interval_s=INTERVAL_S,
            targets=("self",),
        )
        known = {field.name for field in dataclasses.fields(Settings)}
        settings = {name: changes.pop(name) for name in known & set(changes)}
        self.settings = Settings(str(parent), **{"memory_map_every_s": 1, **settings})
        self.info = dataclasses.replace(info, **changes)
        self._fed = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reli.recorder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        body = {"info": self.info.to_json(), "settings": self.settings.to_json(), "resume": None}
        self.send("begin", body)
        assert self.process.stdout is not None
        assert readable(self.process.stdout.fileno(), 20), "the recorder did not answer"
        self.answer: dict[str, Any] = json.loads(self.process.stdout.readline())

    @property
    def directory(self) -> Path:
        return Path(self.answer["directory"])

    def send(self, kind: str, body: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(message(kind, body))
        self.process.stdin.flush()

    def send_process(self) -> None:
        """Name this very process as the one that carries the load."""
        self.send("process", {"pid": os.getpid(), "carries_load": True})

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

    def try_interval(self, index: int, **changes: Any) -> None:
        """Send an interval to a recorder that may have ended."""
        with contextlib.suppress(BrokenPipeError):
            self.interval(index, **changes)

    def feed_until_rows(self, rows: int) -> int:
        """Send so many intervals more, and wait until they are written; returns the last's index."""
        for _ in range(rows):
            self.interval(self._fed)
            self._fed += 1
        self.wait_for_rows(RESULTS_CSV, self._fed)
        return self._fed - 1

    def table(self, name: str) -> Table:
        return read_table(self.directory / name)

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 20
        while not true():
            if time.monotonic() > deadline:
                pytest.fail(f"it did not come about that {what}")
            time.sleep(0.05)

    def wait_for_rows(self, name: str, rows: int) -> None:
        self.wait_until(lambda: len(self.table(name)) >= rows, f"{name} got {rows} rows")

    def wait(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(20)

    def errors(self) -> bytes:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


Start = Callable[..., RecorderUnderTest]


@pytest.fixture
def recorders() -> Iterator[Start]:
    """Starts recorders and leaves none behind."""
    started: list[RecorderUnderTest] = []

    def start(parent: Path, **changes: Any) -> RecorderUnderTest:
        started.append(RecorderUnderTest(parent, **changes))
        return started[-1]

    yield start
    for recorder in started:
        recorder.close()
