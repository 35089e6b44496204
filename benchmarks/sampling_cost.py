"""What sampling costs, beside psrecord and procpath on the same processes.

Samples are taken back to back, in rounds side by side: at one sample a second, the CPU time of each
of the three is twice as much or more by what it takes to wake a core, which differs by machine and,
in a virtual one, from minute to minute. Ours goes by a clock that is made up and moves by an interval
a sample, so what it reads rarely has its part.

psrecord tells the CPU, memory and I/O of all processes as one sum, and no descriptors: where those
are what costs, it is no comparison. procpath is asked for the files that hold our columns (stat,
status, io and fd), of each process.
"""

from __future__ import annotations

import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure
from sampler_process import compressed_ms

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
BACK_TO_BACK_S = 2.0
MEMORY_MAP_EVERY_S = 60.0
"""As a profile has it when it says nothing else."""

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Scene:
    """What is sampled: so many processes, which hold ``fds`` descriptors each.

    ``samples`` are those of ours that are taken back to back. ``peers`` read what is the cost there,
    as ours does.
    """

    name: str
    processes: int
    fds: int
    interval_s: float
    limit_percent: float
    samples: int
    procpath_samples: int
    peers: tuple[str, ...] = ("psrecord", "procpath")


SCENES = (
    Scene("10 processes at 1 Hz", 10, 0, 1.0, 0.3, 600, 100),
    Scene(
        "one process with 10,000 descriptors at 1 Hz", 1, 10_000, 1.0, 1.0, 600, 20, ("procpath",)
    ),
    Scene("1,000 processes every 10 s", 1000, 0, 10.0, 5.0, 24, 6),
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


def _psrecord(pid: int, log: Path, *pace: str) -> list[str]:
    options = ["--include-children", "--include-io", "--log", str(log)]
    return [str(_BIN / "psrecord"), str(pid), *options, *pace]


def _procpath(pid: int, database: Path, *pace: str) -> list[str]:
    """With ``-p``, which costs it a fifth of what a query does."""
    options = ["-p", str(pid), "-f", "stat,status,io,fd", "-d", str(database)]
    return [str(_BIN / "procpath"), "record", *options, *pace]


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _cpu_of(command: list[str]) -> float:
    """CPU time of a command from its start to its end, in seconds."""
    process = _started(command)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, command
    process.returncode = 0
    return used.ru_utime + used.ru_stime


def _psrecord_ms(pid: int, _scene: Scene, directory: Path) -> float:
    """CPU time of one of its samples, its start left out."""
    found = []
    for duration_s in (0.0, BACK_TO_BACK_S):
        log = directory / "psrecord.log"
        used_s = _cpu_of(_psrecord(pid, log, "--duration", str(duration_s)))
        rows = [line for line in log.read_text().splitlines() if not line.startswith("#")]
        found.append((used_s, len(rows)))
    (start_s, few), (all_s, many) = found
    return (all_s - start_s) / (many - few) * 1000


def _procpath_ms(pid: int, scene: Scene, directory: Path) -> float:
    """The same; it takes as many samples as it is told to."""
    database = directory / "procpath.sqlite"
    few_s, many_s = (
        _cpu_of(_procpath(pid, database, "-i", "0.0001", "-r", str(count)))
        for count in (1, 1 + scene.procpath_samples)
    )
    return (many_s - few_s) / scene.procpath_samples * 1000


def _reli_ms(pid: int, scene: Scene, directory: Path) -> float:
    found = compressed_ms(
        scene.samples, directory, scene.interval_s, MEMORY_MAP_EVERY_S, f"pid:{pid}"
    )
    _check_whole(directory, scene)
    return found


def _check_whole(record: Path, scene: Scene) -> None:
    """Cheap by leaving out processes would be no answer."""
    with (record / "resources.csv").open(newline="") as file:
        rows = Counter(
            row["elapsed_s"]
            for row in csv.DictReader(file)
            if (row["role"], row["kind"]) == ("target", "process") and row["fds"]
        )
    assert set(rows.values()) == {scene.processes}, rows


def _back_to_back_percent(pid: int, scene: Scene) -> dict[str, float]:
    """Per cent of a core that each takes at the scene's pace: the median of rounds."""
    tools = {"reli": _reli_ms, "psrecord": _psrecord_ms, "procpath": _procpath_ms}
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            rounds.append({tool: ms(pid, scene, Path(name)) for tool, ms in tools.items()})
    return {
        tool: statistics.median(one[tool] for one in rounds) / scene.interval_s / 10
        for tool in tools
    }


def _told(percent: dict[str, float]) -> str:
    return ", ".join(f"{tool} {value:.2g} %" for tool, value in percent.items())


def _figures(scene: Scene) -> Iterator[Figure]:
    with _target(scene) as pid:
        percent = _back_to_back_percent(pid, scene)
    yield Figure(
        f"Sampling {scene.name}",
        percent["reli"],
        scene.limit_percent,
        "%",
        f"of a core; {scene.samples} samples back to back, median of {ROUNDS} rounds",
    )
    peers = " and ".join(scene.peers)
    yield Figure(
        f"{scene.name}, against {'the cheaper of ' if scene.peers[1:] else ''}{peers}",
        percent["reli"] / min(percent[peer] for peer in scene.peers),
        1.0,
        "times",
        f"CPU time of a sample of the same processes, side by side: {_told(percent)}",
    )


def figures() -> Iterator[Figure]:
    """Two figures a scene: against its limit, and against the cheaper of its peers."""
    # The descriptors of the target are inherited from this limit.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))
    for scene in SCENES:
        yield from _figures(scene)


if __name__ == "__main__":
    for figure in figures():
        print(figure.row(), flush=True)
