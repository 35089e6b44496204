"""Whether RSS, descriptors, threads and CPU agree with ``/proc`` and with procpath's own record.

A process takes more and more of each, in steps, and then holds still: what three readers say of a
step can be compared although they look at different moments.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure
from sampler_process import start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEPS = 6
HOLD_S = 4.0
TICKS = os.sysconf("SC_CLK_TCK")
KINDS = ("anon", "dir", "chr", "blk", "reg", "fifo", "lnk", "sock")
"""Of descriptors, which procpath counts one by one."""

_PROCPATH = Path(sys.executable).parent / "procpath"

TARGET = """
import os, sys, threading, time
held = []
for line in sys.stdin:
    held.append(b"x" * (20 << 20))
    held.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(25))
    held.extend(os.pipe())
    for _ in range(3):
        thread = threading.Thread(target=time.sleep, args=(600,), daemon=True)
        thread.start()
        held.append(thread)
    until_s = time.process_time() + 0.3
    while time.process_time() < until_s:
        pass
    print("still", flush=True)
"""


@dataclass(frozen=True)
class Seen:
    """One look at the process."""

    rss_bytes: float
    fds: float
    threads: float
    cpu_ticks: float


def _by_proc(pid: int) -> Seen:
    place = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1) for line in (place / "status").read_text().splitlines() if ":" in line
    )
    times = (place / "stat").read_text().rpartition(")")[2].split()
    return Seen(
        int(status["VmRSS"].split()[0]) * 1024,
        len(list((place / "fd").iterdir())),
        int(status["Threads"]),
        int(times[11]) + int(times[12]),
    )


def _by_reli(record: Path, pid: int) -> list[tuple[float, Seen]]:
    with (record / "resources.csv").open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if (row["role"], row["kind"], row["pid"]) == ("target", "process", str(pid))
        ]
    return [(float(row["wall_s"]), _seen(row)) for row in rows]


def _seen(row: Mapping[str, str]) -> Seen:
    rss_bytes, fds, threads = (float(row[name]) for name in ("rss_bytes", "fds", "threads"))
    return Seen(rss_bytes, fds, threads, round(float(row["cpu_s"]) * TICKS))


def _by_procpath(database: Path, pid: int) -> list[tuple[float, Seen]]:
    """Memory by ``status``: the kernel rounds that of ``stat`` by what each core has counted."""
    kinds = "+".join(f"fd_{kind}" for kind in KINDS)
    columns = f"ts, status_vmrss, {kinds}, stat_num_threads, stat_utime + stat_stime"
    connection = sqlite3.connect(database)
    rows = connection.execute(
        f"SELECT {columns} FROM record WHERE stat_pid = ? ORDER BY ts", (pid,)
    ).fetchall()
    connection.close()
    return [
        (ts, Seen(rss_kb * 1024, fds, threads, ticks)) for ts, rss_kb, fds, threads, ticks in rows
    ]


def _last_before(seen: Sequence[tuple[float, Seen]], wall_s: float) -> Seen:
    return [one for at_s, one in seen if at_s < wall_s][-1]


@dataclass(frozen=True)
class Step:
    """What ``/proc`` said at the end of a step, and when that was."""

    ended_wall_s: float
    seen: Seen


def _steps(target: subprocess.Popen[str]) -> list[Step]:
    assert target.stdin is not None
    assert target.stdout is not None
    steps = []
    for _ in range(STEPS):
        target.stdin.write("\n")
        target.stdin.flush()
        target.stdout.readline()
        time.sleep(HOLD_S)
        steps.append(Step(time.time(), _by_proc(target.pid)))
    return steps


def _differences(pairs: Sequence[tuple[Seen, Seen]]) -> Seen:
    """The largest of each over the steps; of RSS, as a share of what it was."""
    return Seen(
        max(abs(one.rss_bytes - two.rss_bytes) / one.rss_bytes for one, two in pairs),
        max(abs(one.fds - two.fds) for one, two in pairs),
        max(abs(one.threads - two.threads) for one, two in pairs),
        max(abs(one.cpu_ticks - two.cpu_ticks) for one, two in pairs),
    )


def figures() -> list[Figure]:
    """Ours against ``/proc``, and against procpath's record, over the same steps."""
    target = subprocess.Popen(
        [sys.executable, "-c", TARGET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        sampler = start(directory, 1.0, 60.0, f"pid:{target.pid}")
        database = directory / "procpath.sqlite"
        procpath = subprocess.Popen(
            [
                _PROCPATH,
                "record",
                "-p",
                str(target.pid),
                "-i",
                "1",
                "-f",
                "stat,status,fd",
                "-d",
                database,
            ],
            stderr=subprocess.DEVNULL,
        )
        steps = _steps(target)
        for process in (sampler, procpath, target):
            process.kill()
            process.wait()
        ours = _by_reli(directory, target.pid)
        theirs = _by_procpath(database, target.pid)
        said = [_last_before(ours, step.ended_wall_s) for step in steps]
        others = {
            "/proc": [step.seen for step in steps],
            "procpath": [_last_before(theirs, step.ended_wall_s) for step in steps],
        }
    return [
        figure
        for name, other in others.items()
        for figure in _figures(name, _differences(list(zip(other, said, strict=True))))
    ]


def _figures(other: str, largest: Seen) -> list[Figure]:
    how = f"largest difference over {STEPS} steps of a process that takes more of each"
    return [
        Figure(f"RSS against {other}", largest.rss_bytes * 100, 1.0, "%", how),
        Figure(f"Descriptors against {other}", largest.fds, 0.0, "descriptors", how),
        Figure(f"Threads against {other}", largest.threads, 0.0, "threads", how),
        Figure(f"CPU time against {other}", largest.cpu_ticks, 1.0, "ticks", f"{how}; 0.01 s each"),
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
