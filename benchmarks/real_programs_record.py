"""Records real programs under load by ``reli sample``, all in one record, each a target.

``python benchmarks/real_programs_record.py DIRECTORY [MINUTES]`` leaves the record in DIRECTORY,
with ``truth.json`` beside it: what each program says that it kept. ``real_programs_table.py`` judges it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from real_programs import on_nginx, on_node, on_postgres, on_python, on_redis

if TYPE_CHECKING:
    from real_programs.case import Case

    from support.servers import Server

CASES = (*on_redis.CASES, *on_nginx.CASES, *on_postgres.CASES, *on_node.CASES, *on_python.CASES)
PER_S = 5.0
EVERY_S = 0.5
SETTLING_S = 5.0
"""The sampler is there by then, and what a program does once it has done."""


@dataclass
class Driver:
    """Loads one case's server until told to stop, and restarts it when that is due."""

    case: Case
    server: Server
    length_s: float
    stop: threading.Event
    asked: int = 0
    failed: int = 0
    kept: float = 0.0
    took_s: float = 0.0

    def run(self) -> None:
        """Ask five times a second on an absolute schedule."""
        client = self.case.client(self.server)
        began_s, number = time.monotonic(), 0
        restarts = [share * self.length_s for share in self.case.restarts]
        before = client.leaked()
        while not self.stop.is_set():
            now_s = time.monotonic() - began_s
            if restarts and now_s > restarts[0]:
                restarts.pop(0)
                self.kept += client.leaked() - before
                self.server.kill()
                self.server.start()
                client, before = self.case.client(self.server), 0.0
            try:
                client.ask(number)
                self.asked += 1
            except Exception:  # noqa: BLE001 -- whatever a client raises, the load goes on
                self.failed += 1
            number += 1
            self.stop.wait(max(0.0, number / PER_S - (time.monotonic() - began_s)))
        self.kept += client.leaked() - before
        self.took_s = time.monotonic() - began_s


def main(directory: Path, minutes: float = 10.0) -> None:
    """Start every server and its load, and sample them all for some minutes."""
    with contextlib.suppress(PermissionError):
        os.nice(-10)  # what else runs on this machine would change the pace of the load
    length_s = minutes * 60
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        homes = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reli-real-")))
        homes.chmod(0o755)
        drivers = [
            Driver(case, stack.enter_context(case.server(homes / str(at))), length_s, stop)
            for at, case in enumerate(CASES)
        ]
        pool = stack.enter_context(ThreadPoolExecutor(len(drivers)))
        running = [pool.submit(driver.run) for driver in drivers]
        try:
            time.sleep(SETTLING_S)
            _sample(directory, drivers, length_s)
        finally:
            stop.set()
            for one in running:
                one.result(timeout=60)
    (directory / "truth.json").write_text(json.dumps([_truth(d) for d in drivers], indent=1))


def _sample(directory: Path, drivers: list[Driver], length_s: float) -> None:
    targets = [f"port:{driver.server.port}" for driver in drivers]
    subprocess.run(
        [
            str(Path(sys.executable).with_name("reli")),
            *("sample", *targets, "--for", f"{length_s:.0f}s", "--every", f"{EVERY_S}s"),
            *("--uss-every", "5s", "-o", str(directory.parent), "--name", directory.name),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
        timeout=length_s + 120,
    )


def _truth(driver: Driver) -> dict[str, object]:
    growing_s = driver.took_s - driver.case.begins_s
    return {
        "target": f"port:{driver.server.port}",
        "program": driver.case.program,
        "does": driver.case.does,
        "leaks": driver.case.leaks,
        "asked": driver.asked,
        "failed": driver.failed,
        "kept_per_h": driver.kept / growing_s * 3600 if driver.case.leaks else 0.0,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:3]))
