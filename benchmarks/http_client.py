"""LeanHttpUser beside FastHttpUser, hey and wrk: nginx on loopback, 12 bytes, 50 connections."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from figures import Figure
from locust_runs import record, start

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from support.nginx import Nginx  # the tests' nginx is the benchmark's too

ROUNDS = 5
SECONDS = 4
CONNECTIONS = 50
SERVER = 'access_log off; location = / { return 200 "hello world\\n"; }'

LOCUSTFILE = """
import os
from locust import FastHttpUser, constant, events, task
from reli.users import LeanHttpUser
from reli.wiring import install

install(events)
Base = {"lean": LeanHttpUser, "fast": FastHttpUser}[os.environ["CLIENT"]]


class Visitor(Base):
    wait_time = constant(0)

    @task
    def ask(self):
        self.client.get("/")
"""


@dataclass(frozen=True)
class Speed:
    """What a client made of its time: requests a second, and a second of its CPU time."""

    per_s: float
    per_cpu_s: float


def _find(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        sys.exit(f"this benchmark needs {tool}; install it: apt-get install {tool}")
    return found


def _pin(core: int) -> None:
    """Have what is started from now on run on one core; the server gets another, if there is one."""
    cores = sorted(_ALL_CORES)
    os.sched_setaffinity(0, {cores[core % len(cores)]})


_ALL_CORES = os.sched_getaffinity(0)


def locust(client: str, url: str, home: Path) -> Speed:
    """A whole headless Locust as reli runs it; its record says how it did, its ends left out."""
    users = ("-u", str(CONNECTIONS), "-r", str(CONNECTIONS), "-t", f"{SECONDS + 2}s")
    arguments = ("--host", url, *users, "--loglevel", "ERROR", "--run-name", "run")
    shutil.rmtree(home / "runs", ignore_errors=True)
    # Its verdict is INVALID, and rightly: the generator is to be the bottleneck here.
    start(home, LOCUSTFILE, *arguments, CLIENT=client).wait(60)
    run = record(home)
    rows = slice(1, 1 + SECONDS)
    per_s = float(run.series["requests"].values[rows].mean())
    if run.failures or not per_s:
        raise RuntimeError((home / "locust.log").read_text())
    return Speed(per_s, per_s / float(run.series["generator_cpu_cores"].values[rows].mean()))


def tool(url: str, *command: str) -> Speed:
    """``hey`` or ``wrk``, by its own count and the CPU time that the system saw."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([_find(command[0]), *command[1:], url], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    found = re.search(r"Requests/sec:\s*([\d.]+)", text)
    assert found, text
    per_s = float(found[1])
    return Speed(per_s, per_s * SECONDS / (usage.ru_utime + usage.ru_stime))


def measure(url: str, home: Path) -> dict[str, list[Speed]]:
    """Rounds of all four; each begins with another one."""
    connections, seconds = str(CONNECTIONS), f"{SECONDS}s"
    clients = {
        "lean": lambda: locust("lean", url, home / "lean"),
        "fast": lambda: locust("fast", url, home / "fast"),
        "hey": lambda: tool(url, "hey", "-cpus", "1", "-c", connections, "-z", seconds),
        "wrk": lambda: tool(url, "wrk", "-t1", "-c", connections, "-d", seconds),
    }
    speeds: dict[str, list[Speed]] = {name: [] for name in clients}
    names = list(clients)
    for number in range(ROUNDS):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            speeds[name].append(clients[name]())
            sys.stderr.write(f"  {name}: {speeds[name][-1].per_s:,.0f}/s\n")
    return speeds


def figures() -> list[Figure]:
    """Medians of the ratios of each round, so that a machine that slows down favours none."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        _pin(1)
        with Nginx(home / "nginx", SERVER) as nginx:
            _pin(0)
            speeds = measure(nginx.url, home)
    how = (
        f"nginx on loopback, 12 bytes, {CONNECTIONS} connections; median of {ROUNDS} rounds "
        f"side by side, a core for the client and one for the server; both in Locust, recorded by "
        f"reli; LeanHttpUser made "
        f"{_median(speeds['lean']):,.0f}/s, "
    )
    lean = speeds["lean"]
    return [
        Figure(
            "LeanHttpUser against FastHttpUser",
            _ratio([speed.per_s for speed in lean], [speed.per_s for speed in speeds["fast"]]),
            5,
            "times",
            f"{how}FastHttpUser {_median(speeds['fast']):,.0f}/s",
            at_least=True,
        ),
        Figure(
            "LeanHttpUser against `hey -cpus 1`, by CPU time",
            _ratio(
                [speed.per_cpu_s for speed in lean], [speed.per_cpu_s for speed in speeds["hey"]]
            ),
            1,
            "times",
            f"requests per second of the client's CPU time; hey {_median(speeds['hey']):,.0f}/s",
            at_least=True,
        ),
        Figure(
            "LeanHttpUser against `wrk -t1`",
            _ratio([speed.per_s for speed in lean], [speed.per_s for speed in speeds["wrk"]]),
            0.4,
            "times",
            f"wrk {_median(speeds['wrk']):,.0f}/s",
            at_least=True,
        ),
    ]


def _median(speeds: list[Speed]) -> float:
    return statistics.median(speed.per_s for speed in speeds)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
