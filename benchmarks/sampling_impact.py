"""How much a process is slowed down by being sampled.

The process holds 2 GB and maps, touches and unmaps 2 MB over and over: whatever reads its memory
map takes the lock that mapping needs. A sampler on another core reads it at 1 Hz, USS and PSS as
often as they allow themselves, and is halted every other stretch of time. What counts is how many
rounds the process makes a second, with and without; a second in which it waits for a core, because
something else runs on this machine, is none. What the sampler takes of its own core is told beside
it, and has figures of its own in ``sampling_cost``.
"""

from __future__ import annotations

import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure
from sampler_process import cpu_s, start

PAIRS = 120
STRETCH_S = 1.0

TARGET = """
import mmap, os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
held = mmap.mmap(-1, 2 << 30)
held.madvise(mmap.MADV_NOHUGEPAGE)
page, touched = mmap.PAGESIZE, 2 << 20
held[::page] = b"x" * (len(held) // page)
marks = b"x" * (touched // page)
def queued():
    with open("/proc/self/schedstat") as file:
        return int(file.read().split()[1]) / 1e9

print("ready", flush=True)
for line in sys.stdin:
    rounds, began_s, queued_s = 0, time.perf_counter(), queued()
    while time.perf_counter() < began_s + float(line):
        with mmap.mmap(-1, touched) as region:
            region.madvise(mmap.MADV_NOHUGEPAGE)
            region[::page] = marks
        rounds += 1
    took_s = time.perf_counter() - began_s - (queued() - queued_s)
    print(rounds / took_s, flush=True)
"""


class Target:
    """The process with 2 GB; it works when it is told to."""

    def __init__(self, core: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", TARGET, str(core)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def rounds_per_s(self) -> float:
        """How many it makes in a stretch."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{STRETCH_S}\n")
        self.process.stdin.flush()
        return float(self._line())


def _pair(target: Target, sampler_pid: int, *, sampled_first: bool) -> float:
    """Rounds lost by sampling, as a share of those without it."""
    rounds = {}
    for sampled in (sampled_first, not sampled_first):
        os.kill(sampler_pid, signal.SIGCONT if sampled else signal.SIGSTOP)
        rounds[sampled] = target.rounds_per_s()
    return 1 - rounds[True] / rounds[False]


def _memory_maps_read(record: Path) -> int:
    rows = [line.split(",") for line in (record / "resources.csv").read_text().splitlines()]
    role, kind, uss = (rows[0].index(name) for name in ("role", "kind", "uss_bytes"))
    return sum((row[role], row[kind]) == ("target", "process") and row[uss] != "" for row in rows)


def figures() -> list[Figure]:
    """The mean over all pairs: a median would hide what happens in few of them."""
    cores = sorted(os.sched_getaffinity(0))
    target = Target(cores[-1])
    with tempfile.TemporaryDirectory() as directory:
        sampler = start(Path(directory), 1.0, 1.0, f"pid:{target.process.pid}")
        os.sched_setaffinity(sampler.pid, {cores[0]})
        time.sleep(3 * STRETCH_S)
        before_s = cpu_s(sampler.pid)
        lost = [_pair(target, sampler.pid, sampled_first=bool(n % 2)) for n in range(PAIRS)]
        own = (cpu_s(sampler.pid) - before_s) / (PAIRS * STRETCH_S)
        for process in (sampler, target.process):
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        maps = _memory_maps_read(Path(directory))
    error = statistics.stdev(lost) / math.sqrt(PAIRS)
    return [
        Figure(
            "Slow-down of a process of 2 GB that is sampled at 1 Hz",
            statistics.mean(lost) * 100,
            0.5,
            "%",
            f"mean of {PAIRS} alternating pairs of {STRETCH_S:g} s, +- {error * 100:.2g} (standard "
            f"error); the memory map was read {maps} times in {PAIRS * STRETCH_S:g} s; the sampler "
            f"took {own * 100:.2g} % of another core",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
