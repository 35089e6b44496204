"""Samples targets as the recorder does, in a process of its own whose cost is measured.

In real time it goes on until it is ended. In compressed time it takes samples back to back, on a
clock that is made up and moves by an interval a sample, so that what is done rarely has its part;
then it prints the CPU time of one sample.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from reli.clock import RunClock, boot_id
from reli.recorder.sampler import Sampler
from reli.recorder.schedule import Schedule
from reli_analysis.record import RecordWriter, RunInfo

WARM_UP = 20
"""Samples before compressed time is measured."""


def start(
    directory: Path, interval_s: float, memory_map_every_s: float, *targets: str
) -> subprocess.Popen[str]:
    """A sampler in real time; returns when it has taken the first sample."""
    process = _started("0", str(directory), str(interval_s), str(memory_map_every_s), *targets)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def compressed_ms(
    samples: int, directory: Path, interval_s: float, memory_map_every_s: float, *targets: str
) -> float:
    """CPU time of one sample, the mean of so many in compressed time."""
    process = _started(
        str(samples), str(directory), str(interval_s), str(memory_map_every_s), *targets
    )
    said, _ = process.communicate()
    return float(said)


def _started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True
    )


def cpu_s(pid: int) -> float:
    """CPU time of a process, over its threads that live, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


class Sampling:
    """A record and what writes its samples."""

    def __init__(
        self, directory: Path, interval_s: float, memory_map_every_s: float, *targets: str
    ) -> None:
        self.clock = RunClock.begin(interval_s)
        started = self.clock.started_wall_s, self.clock.start_s, boot_id(), interval_s
        info = RunInfo("benchmark", "benchmark", *started, targets=targets)
        self.writer = RecordWriter(directory, info)
        self.sampler = Sampler(
            self.writer, self.clock, targets, memory_map_every_s, lambda *_: None
        )

    def sample(self) -> None:
        self.sampler.sample()
        self.writer.flush()


def _in_real_time(sampling: Sampling) -> None:
    """Write a row a process and sample, on an absolute schedule."""
    schedule = Schedule(sampling.clock.interval_s)
    sampling.sample()
    print("ready", flush=True)
    while True:
        time.sleep(sampling.clock.until_s(schedule.due_s))
        if schedule.tick(sampling.clock.elapsed_s()) is not None:
            sampling.sample()


def main(samples: int, directory: Path, interval_s: float, *rest: str) -> None:
    """Sample ``rest[1:]``, with memory maps every ``rest[0]`` seconds."""
    begin = partial(Sampling, directory, interval_s, float(rest[0]), *rest[1:])
    if not samples:
        _in_real_time(begin())
    now_s = 0.0
    vars(time)["monotonic"] = lambda: now_s
    sampling = begin()
    began_s = 0.0
    for number in itertools.count():
        if number == WARM_UP:
            began_s = time.process_time()
        if number == WARM_UP + samples:
            print((time.process_time() - began_s) / samples * 1000)
            return
        now_s += interval_s
        sampling.sample()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])
