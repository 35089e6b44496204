"""The stretches of time that the percentiles of Locust's history speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.locust_steps import Course, Steps
from reli_analysis.readers.problems import Problems
from reli_analysis.series import Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping

_SURELY_WITHIN, _SURELY_AROUND, _FARTHEST = 9, 12, 20
"""Rows that lie within Locust's window, that hold it, and that hold it where seconds were quiet."""


def stretches_of(courses: Mapping[str, Course], began_s: float, *, full: bool) -> list[Stretch]:
    """The whole run at once from totals, or nine rows after nine rows of the last ten seconds."""
    quiet = Problems("")
    found = []
    for name, course in courses.items():
        steps = Steps.of(course, began_s, quiet)
        if len(steps.rows):
            some = _windows(name, steps, course) if full else [_whole(name, steps, course)]
            found += [stretch for stretch in some if stretch.requests > 0]
    return found


def _whole(name: str, steps: Steps, course: Course) -> Stretch:
    """Of all requests since the run began, or since statistics were last reset."""
    requests = round(float(course.requests[int(steps.rows[-1])]))
    quantiles = _known(course.quantiles[int(steps.rows[-1])])
    return _stretch(name, steps, (0, len(steps.rows)), quantiles, (requests, requests))


def _windows(name: str, steps: Steps, course: Course) -> list[Stretch]:
    """The stretches that Locust's windows of about ten seconds hold for certain.

    What Locust calls current at second T is what came after its copy of the totals of second T - 10
    (or one of its neighbours, where nothing was requested), which holds all of that second. So the
    nine rows up to T lie within it, and twelve hold it, unless there were seconds without requests.
    The first second with requests lies in no window.
    """
    busy = np.flatnonzero(steps.requests > 0)
    first = int(busy[0]) + 1 if len(busy) else len(steps.rows)
    found = [_stretch(name, steps, (0, first), {}, (0, 0))]
    while first < len(steps.rows):
        end = min(first + _SURELY_WITHIN, len(steps.rows))
        before = max(0, end - _SURELY_AROUND)
        if (steps.requests[before:end] <= 0).any():
            before = max(0, end - _FARTHEST)
        around = round(float(steps.requests[before:end].sum()))
        own = round(float(steps.requests[first:end].sum()))
        fast = own if end - first == _SURELY_WITHIN else around
        quantiles = _known(course.quantiles[int(steps.rows[end - 1])])
        found.append(_stretch(name, steps, (first, end), quantiles, (around, fast)))
        first = end
    return found


def _stretch(
    name: str,
    steps: Steps,
    rows: tuple[int, int],
    quantiles: dict[float, tuple[float, float]],
    among: tuple[int, int],
) -> Stretch:
    first, end = rows
    start_s = float(steps.elapsed_s[first])
    end_s = float(steps.elapsed_s[end - 1] + steps.length_s[end - 1])
    requests = round(float(steps.requests[first:end].sum()))
    return Stretch(name, start_s, end_s, requests, quantiles, *among)


def _known(quantiles: dict[float, tuple[float, float]]) -> dict[float, tuple[float, float]]:
    """Locust writes zeros while it knows no percentile yet."""
    return quantiles if any(high > 1 for _low, high in quantiles.values()) else {}
