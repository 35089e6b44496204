"""Which part of a run is judged: the steady windows, or everything when there are no windows.

Requests that still waited or hung when the load ended are answered in the drain, and the recorder
counts that part of the drain to the window that caused them. So there are two answers: what was
asked in the steady windows (``steady_spans``, for latencies and errors), and while there was steady
load (``load_spans``, for rates, levels and the generator's own condition).
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.record.layout import DRAIN
from reli_analysis.windows import of_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run, Series
    from reli_analysis.windows import Window

TIME_TOLERANCE_S = 1e-3
"""Times are written to the millisecond, so an interval may seem to begin that much too early."""

Spans = tuple[tuple[float, float], ...]


def _joined(windows: tuple[Window, ...], slack_s: float) -> Spans:
    """Start and end of each stretch; neighbours are joined whatever their stage."""
    stretches: list[tuple[float, float]] = []
    for window in sorted(windows, key=lambda w: w.start_s):
        if stretches and window.start_s <= stretches[-1][1] + slack_s:
            stretches[-1] = (stretches[-1][0], max(stretches[-1][1], window.end_s))
        else:
            stretches.append((window.start_s, window.end_s))
    return tuple(stretches)


STEADY = "steady"


def steady_spans(run: Run, window: str = STEADY) -> Spans:
    """The steady stretches, or those of another window.

    An input that knows no windows is steady all through.
    """
    if run.windows:
        return _joined(of_kind(run.windows, window), run.interval_s / 2)
    if window != STEADY:
        return ()
    starts = [s.elapsed_s[0] for s in run.series.values() if len(s)]
    return ((float(min(starts)), run.duration_s),) if starts else ()


def load_spans(run: Run, window: str = STEADY) -> Spans:
    """The same without the drain at their end."""
    spans = steady_spans(run, window)
    drain = tuple(takewhile(lambda part: part.stage == DRAIN, reversed(run.windows)))
    if not drain:
        return spans
    cut = ((start, min(end, drain[-1].start_s)) for start, end in spans)
    return tuple((start, end) for start, end in cut if start < end)


def length_s(spans: Spans) -> float:
    return sum(end - start for start, end in spans)


def clock_s(elapsed_s: NDArray[np.float64], spans: Spans) -> NDArray[np.float64]:
    """Seconds of the spans (ordered, without overlap) before each of these moments in them."""
    starts, ends = np.array(spans).T
    before = np.concatenate(([0.0], np.cumsum(ends - starts)))
    at = np.clip(np.searchsorted(starts, elapsed_s, side="right") - 1, 0, None)
    return np.asarray(before[at] + elapsed_s - starts[at])


BLOCKS = 20
"""Into how many stretches of equal length a window is cut, to see how alike neighbours are."""


def block_of(elapsed_s: NDArray[np.float64], spans: Spans) -> NDArray[np.int64]:
    """Which of the ``BLOCKS`` stretches of the spans each of these moments in them lies in."""
    whole_s = length_s(spans)
    if not 0 < whole_s < np.inf:
        return np.zeros(len(elapsed_s), np.int64)
    share = (clock_s(elapsed_s, spans) + TIME_TOLERANCE_S) / whole_s
    return np.clip(share * BLOCKS, 0, BLOCKS - 1).astype(np.int64)


def inside(elapsed_s: NDArray[np.float64], spans: Spans) -> NDArray[np.bool_]:
    """Which of these moments lie in one of the spans (ordered, without overlap)."""
    if not spans:
        return np.zeros(len(elapsed_s), dtype=bool)
    starts, ends = np.array(spans).T
    later = elapsed_s + TIME_TOLERANCE_S
    at = np.searchsorted(starts, later, side="right") - 1
    return np.asarray((at >= 0) & (later < ends[at]))


def part(series: Series, spans: Spans) -> Series:
    """The measured values of a series within the spans."""
    chosen = inside(series.elapsed_s, spans) & np.isfinite(series.values)
    return type(series)(series.name, series.unit, series.elapsed_s[chosen], series.values[chosen])


def steady_rows(run: Run, window: str = STEADY) -> NDArray[np.float64]:
    """The moments of the intervals of steady load that the input holds, measured or not."""
    longest = max(run.series.values(), key=len, default=None)
    if longest is None:
        return np.empty(0)
    return longest.elapsed_s[inside(longest.elapsed_s, load_spans(run, window))]


def steady_seconds(run: Run, window: str = STEADY) -> float:
    """How many seconds of steady load the input holds; missing intervals do not count."""
    return len(steady_rows(run, window)) * run.interval_s


def under_load(run: Run, name: str) -> NDArray[np.float64]:
    """A column in the rows of :func:`steady_rows`, NaN where it was not measured.

    Arrays of different columns of one run have one length and belong together row by row; a column
    that the run does not have is NaN throughout.
    """
    rows = steady_rows(run)
    series = run.series.get(name)
    if series is None:
        return np.full(len(rows), np.nan)
    return series.values[inside(series.elapsed_s, load_spans(run))]
