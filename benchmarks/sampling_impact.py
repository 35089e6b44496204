"""How much a process is slowed down by being sampled.

The process holds 2 GB and maps, touches and unmaps 2 MB over and over: whatever reads its memory
map takes the lock that mapping needs. A sampler reads it at 1 Hz with USS and PSS as often as they
allow themselves, and is halted every other stretch of time; what counts is how many rounds the
process makes, by its own clock, with and without.
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
from sampler_process import start

PAIRS = 14
STRETCH_S = 3.0

TARGET = """
import mmap, os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
held = mmap.mmap(-1, 2 << 30)
held.madvise(mmap.MADV_NOHUGEPAGE)
page, touched = mmap.PAGESIZE, 2 << 20
held[::page] = b"x" * (len(held) // page)
marks = b"x" * (touched // page)
print("ready", flush=True)
for line in sys.stdin:
    rounds, until_s = 0, time.perf_counter() + float(line)
    while time.perf_counter() < until_s:
        with mmap.mmap(-1, touched) as region:
            region.madvise(mmap.MADV_NOHUGEPAGE)
            region[::page] = marks
        rounds += 1
    print(rounds, flush=True)
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

    def rounds(self) -> int:
        """How many it makes in a stretch."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{STRETCH_S}\n")
        self.process.stdin.flush()
        return int(self._line())


def _pair(target: Target, sampler_pid: int, *, sampled_first: bool) -> float:
    """Rounds lost by sampling, as a share of those without it."""
    rounds = {}
    for sampled in (sampled_first, not sampled_first):
        os.kill(sampler_pid, signal.SIGCONT if sampled else signal.SIGSTOP)
        rounds[sampled] = target.rounds()
    return 1 - rounds[True] / rounds[False]


def figures() -> list[Figure]:
    """The mean over all pairs: a median would hide what happens in few of them."""
    cores = sorted(os.sched_getaffinity(0))
    target = Target(cores[-1])
    with tempfile.TemporaryDirectory() as directory:
        sampler = start(Path(directory), 1.0, 1.0, f"pid:{target.process.pid}")
        os.sched_setaffinity(sampler.pid, {cores[0]})
        time.sleep(STRETCH_S)
        lost = [
            _pair(target, sampler.pid, sampled_first=bool(number % 2)) * 100
            for number in range(PAIRS)
        ]
        os.kill(sampler.pid, signal.SIGKILL)
        sampler.communicate()
        rows = (Path(directory) / "resources.csv").read_text().splitlines()
    target.process.kill()
    target.process.communicate()
    column = rows[0].split(",").index("uss_bytes")
    maps = sum(
        bool(row.split(",")[column]) for row in rows if ",process," in row and "target" in row
    )
    error = statistics.stdev(lost) / math.sqrt(len(lost))
    return [
        Figure(
            "Slow-down of a process of 2 GB that is sampled at 1 Hz",
            statistics.mean(lost),
            0.5,
            "%",
            f"mean of {PAIRS} alternating pairs of {STRETCH_S:g} s, +- {error:.2g} (standard "
            f"error); its memory map was read {maps} times in {PAIRS * STRETCH_S:g} s",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
