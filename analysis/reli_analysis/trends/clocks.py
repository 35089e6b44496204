"""What growth follows: time, the requests, or the time spent in faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.onset import kinked_slope
from reli_analysis.trends.posterior import Posterior, mixed
from reli_analysis.trends.transients import averaged_slope
from reli_analysis.trends.window import clock_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.observed import Observed
    from reli_analysis.trends.window import Window

TIME = "time"
REQUESTS = "requests"
FAULTS = "faults"
_PENALTY = {REQUESTS: 0.5, FAULTS: 1.5}
_FEWEST_FAULTS = 4
_FINE = 5000


@dataclass(frozen=True)
class Clock:
    """``name`` is the likeliest; ``slope`` averages all that are plausible, in units a second.

    ``seconds`` is the likeliest clock at each level of the window, about its mean.
    """

    name: str
    slope: Posterior
    seconds: NDArray[np.float64]


def find_clock(observed: Observed, window: Window) -> Clock:
    """Compare the clocks by likelihood, and average the slopes over them.

    Each clock runs over the run's seconds in all, so that every slope is the mean growth a second.
    Requests are a candidate when the load varies, faults when there are at least four; each pays
    for being one more hypothesis. Growth with an onset runs by time since then.
    """
    part, bent = window.prepared, window.bent_before
    if window.speeds_up_once:
        slope, seconds = kinked_slope(part, window.laws)
        return Clock(TIME, slope, seconds)
    time = averaged_slope(part, window.laws, clock_s(part), bent_before=bent)
    clocks, slopes, weights = [(TIME, clock_s(part))], [time], [time.log_likelihood]
    for name, seconds in other_clocks(observed, part.floors.elapsed_s):
        centred = seconds - seconds.mean()
        slope = averaged_slope(part, window.laws, centred, bent_before=bent)
        clocks.append((name, centred))
        slopes.append(slope)
        weights.append(slope.log_likelihood - _PENALTY[name])
    name, seconds = clocks[int(np.argmax(weights))]
    return Clock(name, mixed(slopes, weights), seconds)


def other_clocks(
    observed: Observed, at_s: NDArray[np.float64]
) -> list[tuple[str, NDArray[np.float64]]]:
    """Name and seconds at these moments of each clock beside time that may drive growth."""
    times = observed.elapsed_s
    length_s = float(np.ptp(times))
    found = []
    load = observed.varying_load
    if load is not None:
        done = np.concatenate([[0.0], np.cumsum(np.diff(times) * (load[1:] + load[:-1]) / 2)])
        found.append((REQUESTS, np.interp(at_s, times, done / done[-1] * length_s)))
    if len(observed.faults) >= _FEWEST_FAULTS:
        fine = np.linspace(times[0], times[-1], _FINE)
        inside = np.zeros(_FINE)
        for start_s, end_s in observed.faults:
            inside += (fine >= start_s) & (fine < end_s)
        done = np.cumsum(inside)
        if done[-1]:
            found.append((FAULTS, np.interp(at_s, fine, done / done[-1] * length_s)))
    return found
