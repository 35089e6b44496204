"""What sampling costs, beside psrecord and procpath on the same processes at the same time.

All three run at their pace, in real time: what ours reads rarely has its part in the figure. CPU
time is what the kernel counts of each, to the nanosecond, over the same stretch after they have
started. psrecord tells the CPU, memory and I/O of all processes as one sum, and no descriptors: where
those are what costs, it is no comparison. procpath is asked for the files that hold our columns
(stat, status, io and fd), of each process.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure
from sampler_process import cpu_s, start

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTLE_S = 5.0
MEMORY_MAP_EVERY_S = 60.0
"""As a profile has it when it says nothing else."""

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Scene:
    """What is sampled: so many processes, which hold ``fds`` descriptors each.

    ``peers`` read what is the cost there, as ours does.
    """

    name: str
    processes: int
    fds: int
    interval_s: float
    measured_s: float
    limit_percent: float
    peers: tuple[str, ...] = ("psrecord", "procpath")


SCENES = (
    Scene("10 processes at 1 Hz", 10, 0, 1.0, 60.0, 0.3),
    Scene("One process with 10,000 descriptors at 1 Hz", 1, 10_000, 1.0, 60.0, 1.0, ("procpath",)),
    Scene("1,000 processes every 10 s", 1000, 0, 10.0, 60.0, 5.0),
)

TARGET = """
import os, sys
if os.fork():
    os._exit(0)  # the rest has no ancestors, which procpath would record, too
children, fds = int(sys.argv[1]), int(sys.argv[2])
for _ in range(children):
    if os.fork() == 0:
        break
else:
    print(os.getpid(), flush=True)
held = [os.open("/dev/null", os.O_RDONLY) for _ in range(fds)]
sys.stdin.read()
"""


@contextmanager
def _target(scene: Scene) -> Iterator[int]:
    """Its processes, idle; they end with their standard input."""
    with subprocess.Popen(
        [sys.executable, "-c", TARGET, str(scene.processes - 1), str(scene.fds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        time.sleep(1.0)
        yield pid


def _psrecord(pid: int, scene: Scene, directory: Path) -> subprocess.Popen[str]:
    options = ["--include-children", "--include-io", "--interval", str(scene.interval_s)]
    log = ["--log", str(directory / "psrecord.log")]
    return _started([str(_BIN / "psrecord"), str(pid), *options, *log])


def _procpath(pid: int, scene: Scene, directory: Path) -> subprocess.Popen[str]:
    """With ``-p``, which costs it a fifth of what a query does."""
    options = ["-p", str(pid), "-i", str(scene.interval_s), "-f", "stat,status,io,fd"]
    database = ["-d", str(directory / "procpath.sqlite")]
    return _started([str(_BIN / "procpath"), "record", *options, *database])


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
    )


def _percent(scene: Scene) -> dict[str, float]:
    """Per cent of a core that each of the three takes."""
    with _target(scene) as pid, tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        samplers = {
            "reli": start(directory, scene.interval_s, MEMORY_MAP_EVERY_S, f"pid:{pid}"),
            "psrecord": _psrecord(pid, scene, directory),
            "procpath": _procpath(pid, scene, directory),
        }
        for process in samplers.values():
            stack.callback(process.wait)
            stack.callback(process.kill)
        time.sleep(SETTLE_S)
        before = {name: cpu_s(process.pid) for name, process in samplers.items()}
        time.sleep(scene.measured_s)
        percent = {
            name: (cpu_s(process.pid) - before[name]) / scene.measured_s * 100
            for name, process in samplers.items()
        }
        samplers["reli"].terminate()
        samplers["reli"].wait()
        _check_whole(directory, scene)
        return percent


def _check_whole(record: Path, scene: Scene) -> None:
    """Cheap by leaving out processes would be no answer."""
    with (record / "resources.csv").open(newline="") as file:
        rows = Counter(
            row["elapsed_s"]
            for row in csv.DictReader(file)
            if (row["role"], row["kind"]) == ("target", "process") and row["fds"]
        )
    assert set(rows.values()) == {scene.processes}, rows


def figures() -> list[Figure]:
    """Two figures a scene: against its limit, and against the cheaper one of the two others."""
    # The descriptors of the target are inherited from this limit.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    found = []
    for scene in SCENES:
        percent = _percent(scene)
        beside = f"psrecord {percent['psrecord']:.2g} %, procpath {percent['procpath']:.2g} %"
        how = f"of a core, over {scene.measured_s:.0f} s in real time; beside it {beside}"
        found.append(
            Figure(f"Sampling {scene.name}", percent["reli"], scene.limit_percent, "%", how)
        )
        peers = " and ".join(scene.peers)
        found.append(
            Figure(
                f"{scene.name}, against {'the cheaper of ' if scene.peers[1:] else ''}{peers}",
                percent["reli"] / min(percent[peer] for peer in scene.peers),
                1.0,
                "times",
                "CPU time at the same pace, of the same processes at the same time",
            )
        )
    return found


if __name__ == "__main__":
    for figure in figures():
        print(figure.row(), flush=True)
