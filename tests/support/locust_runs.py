"""Runs the real ``locust`` command on small locustfiles, and reads what it left."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

LOCUST = str(Path(sys.executable).with_name("locust"))

PLAIN = """
import os
import gevent, locust
from locust import constant, task
from reli.users import ServiceUser
from reli.wiring import install
from reli_analysis.record import MetricSpec

class Tally:
    '''A service that counts its own calls: the truth that the record is held against.'''
    metrics = (MetricSpec("calls", "counter", "calls that reached the service", required=True),)
    def start(self):
        if os.environ.get("BROKEN_SERVICE"):
            raise RuntimeError("no such luck")
        self.calls = 0
    def read(self):
        return {"calls": self.calls}
    def drain(self):
        gevent.sleep(float(os.environ.get("DRAIN_S", "0")))
    def stop(self):
        pass
    def serve(self):
        gevent.sleep(0.002)
        self.calls += 1

install(locust.events, service=Tally)

class Caller(ServiceUser):
    wait_time = constant(0.01)
    @task
    def serve(self):
        self.call("serve", self.service.serve)
"""

PROFILE = """
base_rate: 80/s
stages:
  - ramp: {to: 100%, for: 2s}
  - hold: {for: HOLDs}
budgets:
  - p95 < 500ms
  - error_ratio < 1%
"""


@dataclass(frozen=True)
class Outcome:
    """A command that has ended."""

    code: int
    output: str
    directory: Path | None

    def table(self, name: str) -> list[dict[str, str]]:
        assert self.directory is not None, self.output
        with (self.directory / name).open(newline="") as file:
            return list(csv.DictReader(file))

    def column(self, name: str) -> list[float]:
        """A column of the results; empty cells are left out."""
        return [float(row[name]) for row in self.table("results.csv") if row[name]]

    def json(self, name: str) -> dict[str, Any]:
        assert self.directory is not None, self.output
        data: dict[str, Any] = json.loads((self.directory / name).read_text())
        return data

    @property
    def verdict(self) -> str:
        return str(self.json("verdict.json")["verdict"])

    @property
    def held(self) -> bool:
        """Whether all was kept, whatever the host left of its cores for the load just then.

        A busy host starves a generator of some hundred iterations a second; reli then rightly says
        INVALID, for that reason and for no other.
        """
        findings = self.json("verdict.json")["findings"]
        others = [f for f in findings if f["subject"] != "generator kept up"]
        kept = len(others) > 1 and all(f["verdict"] == "PASS" for f in others)
        return bool(
            kept and self.code == (0 if len(others) == len(findings) or self._kept_up else 4)
        )

    @property
    def _kept_up(self) -> bool:
        return bool(self.finding("generator kept up")["verdict"] == "PASS")

    def finding(self, text: str) -> dict[str, Any]:
        """The one finding that is about a text."""
        found = [f for f in self.json("verdict.json")["findings"] if text in f["subject"]]
        assert len(found) == 1, (text, self.json("verdict.json")["findings"])
        return dict(found[0])


class Running:
    """A ``locust`` process in a directory of its own, with its run records below."""

    def __init__(
        self, home: Path, *arguments: str, locustfile: str = PLAIN, **environment: str
    ) -> None:
        self.home = home
        path = home / "locustfile.py"
        if not path.exists():
            path.write_text(locustfile)
        if "--processes" in arguments:
            arguments = (*arguments, *master_ports())
        self._log = (home / f"locust-{time.monotonic_ns()}.log").open("w+")
        self.process = subprocess.Popen(
            [LOCUST, "-f", str(path), *arguments],
            cwd=home,
            env={**os.environ, **environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_others: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()

    @property
    def directory(self) -> Path | None:
        records = sorted((self.home / "runs").glob("*/"))
        return records[-1] if records else None

    def wait_for_rows(self, rows: int, timeout_s: float = 40) -> None:
        """Wait until the results have so many rows."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            results = self.directory / "results.csv" if self.directory else None
            if results and results.exists() and results.read_text().count("\n") > rows:
                return
            assert self.process.poll() is None, self.outcome().output
            time.sleep(0.05)
        raise AssertionError(f"no {rows} rows within {timeout_s} s: {self.outcome().output}")

    def wait(self, timeout_s: float = 80) -> Outcome:
        self.process.wait(timeout_s)
        return self.outcome()

    def outcome(self) -> Outcome:
        self._log.flush()
        output = Path(self._log.name).read_text()
        code = self.process.poll()
        return Outcome(-999 if code is None else code, output, self.directory)


def master_ports() -> tuple[str, ...]:
    """Options that give a master and its workers a free port of their own, on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    master = ("--master-bind-host", "127.0.0.1", "--master-bind-port", port)
    return (*master, "--master-host", "127.0.0.1", "--master-port", port)


def write_profile(home: Path, hold_s: float = 6, name: str = "short") -> str:
    """A short profile in a run's directory; returns its path."""
    path = home / f"{name}.yaml"
    path.write_text(PROFILE.replace("HOLD", str(hold_s)))
    return str(path)


def run(home: Path, *arguments: str, timeout_s: float = 80, **keywords: str) -> Outcome:
    """Run to the end, headless."""
    with Running(home, "--headless", "--only-summary", *arguments, **keywords) as running:
        return running.wait(timeout_s)


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(text) for text in path.read_text().split()]


def locust_workers_of(pid: int) -> list[int]:
    """The workers that ``--processes`` forked: every child but the recorder."""
    return [child for child in children_of(pid) if "reli.recorder" not in command_of(child)]


def command_of(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
