"""What reli takes from a Locust run whose tasks do nothing but fire the event."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figure

ROUNDS = 9
SECONDS = 5

_LOCUSTFILE = """
import time
import locust
from locust import User, constant, task
{install}

class Empty(User):
    wait_time = constant(0)
    iterations = 0
    began_s = ended_s = 0.0

    def on_start(self):
        Empty.began_s = time.process_time()

    def on_stop(self):
        Empty.ended_s = time.process_time()

    @task
    def nothing(self):
        Empty.iterations += 1
        self.environment.events.request.fire(
            request_type="NOTHING", name="nothing", response_time=0.01, response_length=0,
            response=None, context={{}}, exception=None)

@locust.events.quit.add_listener
def report(**_):
    print(f"PER_CPU_SECOND={{Empty.iterations / (Empty.ended_s - Empty.began_s)}}")
"""

_INSTALL = "from reli.wiring import install\ninstall(locust.events)"


def _iterations_per_cpu_s(home: Path, name: str) -> float:
    """Iterations by CPU time of the load process: the host's other work does not count."""
    locust = str(Path(sys.executable).with_name("locust"))
    command = [locust, "-f", f"{name}.py", "--headless", "--only-summary", "-u", "1", "-r", "1"]
    ended = subprocess.run(
        [*command, "-t", f"{SECONDS}s"], cwd=home, check=False, capture_output=True, text=True
    )
    found = re.search(r"PER_CPU_SECOND=([\d.]+)", ended.stdout)
    if found is None:
        raise RuntimeError(ended.stdout + ended.stderr)
    return float(found[1])


def figures() -> list[Figure]:
    """Whole Locust processes with and without reli, alternating.

    The fastest run of each side counts: other work on the host only ever makes a run slower.
    """
    best = {"plain": 0.0, "with_reli": 0.0}
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "plain.py").write_text(_LOCUSTFILE.format(install=""))
        (home / "with_reli.py").write_text(_LOCUSTFILE.format(install=_INSTALL))
        for _ in range(ROUNDS):
            for name, fastest in best.items():
                best[name] = max(fastest, _iterations_per_cpu_s(home, name))
    return [
        Figure(
            "Iterations lost in a run of empty tasks",
            (1 - best["with_reli"] / best["plain"]) * 100,
            5.0,
            "%",
            f"by CPU time, fastest of {ROUNDS} alternating runs of {SECONDS} s each; "
            f"{best['plain']:,.0f} iterations a CPU second without reli",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
