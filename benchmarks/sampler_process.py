"""Samples targets as the recorder does, until it is ended: a process whose cost is measured.

Its arguments are a directory for the record, the interval in seconds, how often (in seconds) USS
and PSS may be read, and the targets.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from reli.clock import RunClock, boot_id
from reli.recorder.sampler import Sampler
from reli.recorder.schedule import Schedule
from reli_analysis.record import RecordWriter, RunInfo


def start(
    directory: Path, interval_s: float, memory_map_every_s: float, *targets: str
) -> subprocess.Popen[str]:
    """A sampler of its own; returns when it has taken the first sample."""
    process = subprocess.Popen(
        [sys.executable, __file__, directory, str(interval_s), str(memory_map_every_s), *targets],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def cpu_s(pid: int) -> float:
    """CPU time of a process, over its threads that live, to the nanosecond."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def main(directory: Path, interval_s: float, memory_map_every_s: float, *targets: str) -> None:
    """Write a row a process and sample, on an absolute schedule."""
    clock = RunClock.begin(interval_s)
    info = RunInfo(
        "benchmark",
        "benchmark",
        clock.started_wall_s,
        clock.start_s,
        boot_id(),
        interval_s,
        targets=targets,
    )
    writer = RecordWriter(directory, info)
    sampler = Sampler(writer, clock, targets, memory_map_every_s, lambda *_: None)
    schedule = Schedule(interval_s)
    sampler.sample()
    print("ready", flush=True)
    while True:
        time.sleep(clock.until_s(schedule.due_s))
        if schedule.tick(clock.elapsed_s()) is not None:
            sampler.sample()
            writer.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:])
