"""How long after a fault a service is back at the level that it had under steady load before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.intervals import clopper_pearson
from reli_analysis.budgets.proof import surely_above
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.selection import TIME_TOLERANCE_S, length_s, load_spans, steady_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.latency import LatencyLog
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run

WINDOW_S = 10.0
STAYS_S = 30.0
"""What is back for a moment is not back: it has to stay for so long."""

TOLERANCE = 0.1
"""A p95 up to a tenth above the worst of before is back, too."""

QUANTILE = 0.95
FEWEST_REQUESTS = 20
"""Fewer in a window have no 95th percentile: one of twenty lies above it."""

FEWEST_BEFORE_S = 60.0


@dataclass(frozen=True)
class Level:
    """What is normal: no window of steady load before the first fault was worse."""

    p95_ms: float
    error_ratio: float
    windows: int


@dataclass(frozen=True)
class Recovery:
    """One fault: when it ended, how long the load was watched after it, and when it was over.

    ``after_s`` is ``None`` while nothing as good as before lasted for ``STAYS_S``.
    """

    fault_end_s: float
    watched_s: float
    after_s: float | None


@dataclass(frozen=True)
class _Slides:
    """Windows of ``WINDOW_S``, one from every interval on."""

    start_s: NDArray[np.float64]
    p95_ms: NDArray[np.float64]
    requests: NDArray[np.int64]
    failures: NDArray[np.float64]


def faults(run: Run) -> Spans:
    """The stretches of the fault window."""
    return steady_spans(run, "fault")


def before(run: Run) -> Spans:
    """Steady load before the first fault."""
    first_s = faults(run)[0][0]
    cut = ((start, min(end, first_s)) for start, end in load_spans(run))
    return tuple((start, end) for start, end in cut if end - start >= WINDOW_S)


def level(run: Run, log: LatencyLog) -> Level | None:
    """The worst p95 of a window before, and the highest share of failures that can be normal.

    The latter is the upper end of the exact binomial interval of all failures before.
    ``None`` when less than ``FEWEST_BEFORE_S`` of steady load, or too few requests, came before.
    """
    spans = before(run)
    if length_s(spans) < FEWEST_BEFORE_S - TIME_TOLERANCE_S:
        return None
    slides = _slides(run, log, spans)
    enough = slides.requests >= FEWEST_REQUESTS
    if not enough.any():
        return None
    # Sliding windows overlap, so every tenth of them holds all.
    failures, requests = float(slides.failures.sum()), float(slides.requests.sum())
    overlap = WINDOW_S / run.interval_s
    _low, highest = clopper_pearson(failures / overlap, requests / overlap)
    return Level(float(slides.p95_ms[enough].max()), highest, len(slides.start_s))


def recoveries(run: Run, log: LatencyLog, normal: Level) -> tuple[Recovery, ...]:
    """When each fault was over.

    A fault is over at the first moment after its end from which, for ``STAYS_S``, every window of
    ``WINDOW_S`` has a p95 of at most (1 + TOLERANCE) times the worst one before and no more
    failures than chance makes of the highest normal share (one-sided binomial test at 5 %). A
    window with fewer than ``FEWEST_REQUESTS`` answers is not back: a service that hangs is not
    fast. The load is watched until the next fault, the cool-down or the load's end.
    """
    found = []
    for (_start, end), until_s in zip(faults(run), _watched_until(run), strict=True):
        slides = _slides(run, log, ((end, until_s),)) if until_s - end >= WINDOW_S else None
        after_s = None if slides is None else _back_after(slides, run, normal, end)
        found.append(Recovery(end, until_s - end, after_s))
    return tuple(found)


def _back_after(slides: _Slides, run: Run, normal: Level, end_s: float) -> float | None:
    back = [
        requests >= FEWEST_REQUESTS
        and p95_ms <= (1 + TOLERANCE) * normal.p95_ms
        and not surely_above(float(failed), float(requests), normal.error_ratio)
        for p95_ms, requests, failed in zip(
            slides.p95_ms, slides.requests, slides.failures, strict=True
        )
    ]
    needed = round((STAYS_S - WINDOW_S) / run.interval_s) + 1
    run_of = 0
    for at, good in enumerate(back):
        run_of = run_of + 1 if good else 0
        if run_of == needed:
            return float(slides.start_s[at - needed + 1]) - end_s
    return None


def _watched_until(run: Run) -> list[float]:
    """Until when the load went on after each fault without another one, or a cool-down."""
    goes_on = sorted((*load_spans(run), *load_spans(run, "recovery")))
    ends = []
    for _start, end in faults(run):
        until_s = end
        for start, stop in goes_on:
            if start <= until_s + run.interval_s / 2 and stop > until_s:
                until_s = stop
        ends.append(until_s)
    return ends


def _slides(run: Run, log: LatencyLog, spans: Spans) -> _Slides:
    begins = np.concatenate(
        [np.arange(a, b - WINDOW_S + TIME_TOLERANCE_S, run.interval_s) for a, b in spans]
    )
    windows = log.sliding_quantiles((ALL_REQUESTS,), QUANTILE, begins, WINDOW_S)
    failures = run.series["failures"]
    up_to = np.concatenate(([0.0], np.cumsum(np.nan_to_num(failures.values))))
    low = np.searchsorted(failures.elapsed_s, begins - TIME_TOLERANCE_S)
    high = np.searchsorted(failures.elapsed_s, begins + WINDOW_S - TIME_TOLERANCE_S)
    return _Slides(begins, windows.values_ms, windows.totals, up_to[high] - up_to[low])
