"""How exactly one process keeps an arrival rate, and how late its iterations begin."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figure
from locust_runs import record, start_profile

from reli_analysis import windows
from reli_analysis.record.hlog import ITERATION_TAGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reli_analysis.series import Run

RATES_PER_S = (100, 1000, 5000)
STEADY_S = 20
MOST_CPU = 0.8
"""Of a core. A generator that needs more has none left, and its figures would say nothing."""

_PROFILE = """
base_rate: RATE/s
model: open
arrivals: constant
users: 100
stages:
  - ramp: {to: 100%, for: 3s}
  - hold: {for: STEADYs}
budgets:
  - p99 < 1s
"""

_LOCUSTFILE = """
import gevent
import locust
from locust import task
from reli.users import ServiceUser
from reli.wiring import install

install(locust.events)

class Sleeper(ServiceUser):
    @task
    def sleep(self):
        self.call("sleep", gevent.sleep, 0.001)
"""


def _run(rate_per_s: int) -> Run:
    profile = _PROFILE.replace("RATE", str(rate_per_s)).replace("STEADY", str(STEADY_S))
    with tempfile.TemporaryDirectory() as directory:
        start_profile(Path(directory), _LOCUSTFILE, profile).wait()
        return record(Path(directory))


def _figures(rate_per_s: int) -> list[Figure]:
    run = _run(rate_per_s)
    (steady,) = windows.of_kind(run.windows, "steady")

    def column(name: str) -> NDArray[np.float64]:
        series = run.series[name]
        inside = (series.elapsed_s >= steady.start_s) & (series.elapsed_s < steady.end_s)
        return series.values[inside]

    assert run.latency is not None
    achieved = column("iterations_per_s").mean()
    planned = column("offered_per_s").mean()
    cpu_cores = column("generator_cpu_cores").mean()
    delays = run.latency.counts(ITERATION_TAGS["start_delay"], steady.start_s, steady.end_s)
    rate = f"{rate_per_s:,} arrivals a second"
    load = f"{STEADY_S} s of tasks that sleep 1 ms; the generator took {cpu_cores:.2f} cores"
    if cpu_cores > MOST_CPU:
        load += ", so that it had no CPU left"
    return [
        Figure(
            f"{rate}: achieved against planned",
            abs(achieved / planned - 1) * 100,
            0.5,
            "%",
            f"{achieved:,.1f} of {planned:,.1f}/s, {load}",
        ),
        Figure(
            f"{rate}: p99 of the start delay",
            delays.quantile_ms(0.99) or 0.0,
            5.0,
            "ms",
            f"{delays.total:,} iterations, median {delays.quantile_ms(0.5):.2f} ms, "
            f"longest {delays.quantile_ms(1.0):.2f} ms",
        ),
    ]


def figures() -> list[Figure]:
    """A run each, one after the other, each in one process."""
    return [figure for rate_per_s in RATES_PER_S for figure in _figures(rate_per_s)]


if __name__ == "__main__":
    rates = [int(text) for text in sys.argv[1:]]
    for figure in [row for rate in rates for row in _figures(rate)] or figures():
        print(figure.row())
