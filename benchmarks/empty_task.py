"""What reli takes from a Locust run whose tasks do nothing but fire the event."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import Figure

ROUNDS = 5
SECONDS = 6

_LOCUSTFILE = """
import locust
from locust import User, constant, task
{install}

class Empty(User):
    wait_time = constant(0)
    iterations = 0

    @task
    def nothing(self):
        Empty.iterations += 1
        self.environment.events.request.fire(
            request_type="NOTHING", name="nothing", response_time=0.01, response_length=0,
            response=None, context={{}}, exception=None)

@locust.events.quit.add_listener
def report(**_):
    print(f"ITERATIONS={{Empty.iterations}}")
"""

_INSTALL = "from reli.wiring import install\ninstall(locust.events)"


def _iterations(home: Path, name: str) -> int:
    locust = str(Path(sys.executable).with_name("locust"))
    command = [locust, "-f", f"{name}.py", "--headless", "--only-summary", "-u", "1", "-r", "1"]
    ended = subprocess.run(
        [*command, "-t", f"{SECONDS}s"], cwd=home, check=False, capture_output=True, text=True
    )
    found = re.search(r"ITERATIONS=(\d+)", ended.stdout)
    if found is None:
        raise RuntimeError(ended.stdout + ended.stderr)
    return int(found[1])


def figures() -> list[Figure]:
    """Whole Locust processes with and without reli, alternating; the median of the ratios."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "plain.py").write_text(_LOCUSTFILE.format(install=""))
        (home / "with_reli.py").write_text(_LOCUSTFILE.format(install=_INSTALL))
        lost = []
        for number in range(ROUNDS):
            # Which goes first alternates too: a machine that slows down favours neither.
            order = ("plain", "with_reli") if number % 2 else ("with_reli", "plain")
            done = {name: _iterations(home, name) for name in order}
            lost.append((1 - done["with_reli"] / done["plain"]) * 100)
    return [
        Figure(
            "Iterations lost in a run of empty tasks",
            statistics.median(lost),
            5.0,
            "%",
            f"median of {ROUNDS} alternating pairs of {SECONDS} s; "
            f"pairs from {min(lost):.1f} to {max(lost):.1f} %",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
