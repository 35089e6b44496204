"""Whether the record's percentiles are those of the raw latencies of the same run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from figures import Figure

from reli_analysis.record import Histogram, hlog
from reli_analysis.record.csvfile import read_complete_text
from reli_analysis.record.layout import LATENCY_HLOG

QUANTILES = (0.5, 0.9, 0.95, 0.99, 0.999)

_LOCUSTFILE = """
import hashlib, os, random
import locust
from locust import constant, task
from reli.users import ServiceUser
from reli.wiring import install

install(locust.events)
raw = []
locust.events.request.add_listener(lambda response_time, **_: raw.append(response_time))

@locust.events.test_stop.add_listener
def save(**_):
    with open(f"raw-{os.getpid()}.txt", "w") as file:
        file.writelines(f"{time!r}\\n" for time in raw)

class Worker(ServiceUser):
    wait_time = constant(0)

    @task
    def work(self):
        self.call("hash", hashlib.sha256, os.urandom(random.randrange(1, 200_000)))
"""


def figures() -> list[Figure]:
    """Two workers, so that merging is part of it; the largest difference of five percentiles."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / "locustfile.py").write_text(_LOCUSTFILE)
        locust = str(Path(sys.executable).with_name("locust"))
        load = ["-u", "4", "-r", "4", "-t", "8s", "--processes", "2", "--run-name", "run"]
        subprocess.run(
            [locust, "-f", "locustfile.py", "--headless", "--only-summary", *load],
            cwd=home,
            check=False,
            capture_output=True,
        )
        raw = np.concatenate(
            [np.loadtxt(path) for path in home.glob("raw-*.txt") if path.stat().st_size]
        )
        recorded = Histogram()
        log, _torn = read_complete_text(home / "runs" / "run" / LATENCY_HLOG)
        for line in log.splitlines():
            row = hlog.parse_row(line)
            if row is not None and not row.tag:
                recorded.merge(hlog.decode(row.payload))
    if recorded.total != len(raw):
        raise RuntimeError(f"{recorded.total} requests recorded, {len(raw)} made")
    exact = np.quantile(raw, QUANTILES, method="inverted_cdf")
    ours = np.array(recorded.quantiles_ms(QUANTILES), dtype=float)
    worst = float(np.max(np.abs(ours / exact - 1))) * 100
    return [
        Figure(
            "Percentiles against the raw latencies",
            worst,
            0.1,
            "%",
            f"largest difference of p50, p90, p95, p99, p99.9 over {len(raw):,} requests "
            "of two workers",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
