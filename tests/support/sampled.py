"""A target that a test samples by hand, with real processes and a clock that the test moves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from reli.clock import RunClock
from reli.sampling import Reading, Surroundings, parse_target
from reli_analysis.record.layout import PROCESS, TREE

_WITHIN_S = 20

each_ending = pytest.mark.parametrize(
    ("ending", "how"),
    [
        (lambda process: process.send_signal(signal.SIGKILL), "was killed by SIGKILL"),
        (lambda process: process.send_signal(signal.SIGSEGV), "was killed by SIGSEGV"),
        (lambda process: process.communicate("3\n"), "exited with code 3"),
        (lambda process: process.communicate("0\n"), "exited with code 0"),
    ],
    ids=["SIGKILL", "SIGSEGV", "exit 3", "exit 0"],
)
"""The ways in which a process that waits for an exit code on its input may end."""


@dataclass(frozen=True)
class HandClock(RunClock):
    """Stands still until it is moved on."""

    moved_s: list[float] = field(default_factory=lambda: [0.0])

    def elapsed_s(self) -> float:
        return sum(self.moved_s)


class Sampled:
    """One target and what it told."""

    def __init__(self, target: str, interval_s: float = 1.0, **surroundings: Any) -> None:
        self.events: list[tuple[str, str, str]] = []
        self._clock = HandClock(0.0, time.time(), interval_s)
        self.surroundings = Surroundings(
            self._clock, lambda *event: self.events.append(event), **surroundings
        )
        self.source = parse_target(target).target.open(self.surroundings)

    def sample(self, after_s: float = 1.0) -> list[Reading]:
        """The next sample; ``after_s`` is how far the run has gone on since the last."""
        self._clock.moved_s.append(after_s)
        return list(self.source.sample())

    def tree(self, after_s: float = 1.0) -> Reading | None:
        """The next sample's sum."""
        return next((r for r in self.sample(after_s) if r.kind == TREE), None)

    def pids(self) -> set[int]:
        """The processes of the next sample."""
        return {reading.pid for reading in self.sample() if reading.kind == PROCESS}

    def until(self, holds: Callable[[list[Reading]], bool]) -> list[Reading]:
        """Sample until something holds."""
        deadline_s = time.monotonic() + _WITHIN_S
        while not holds(readings := self.sample()):
            assert time.monotonic() < deadline_s, (readings, self.events)
            time.sleep(0.02)
        return readings

    def told(self, kind: str) -> list[str]:
        """The messages of one kind of event."""
        return [message for its_kind, _subject, message in self.events if its_kind == kind]


@contextmanager
def started(*command: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, which is ended whole."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def running(program: str, *arguments: str, name: str = "") -> Iterator[subprocess.Popen[str]]:
    """A Python program that has printed a first line, which is kept as ``said``; all are ended.

    ``name`` is what its command line calls it.
    """
    command = [name or sys.executable, "-c", program, *arguments]
    process = subprocess.Popen(
        command,
        executable=sys.executable,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.said = process.stdout.readline().strip()  # type: ignore[attr-defined]
    below = psutil.Process(process.pid).children(recursive=True)
    try:
        yield process
    finally:
        for each in [*below, psutil.Process(process.pid)] if process.poll() is None else below:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
