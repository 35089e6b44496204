"""Burn rates over several windows: whether, and when, an on-call engineer would have been called.

The pairs are those of the SRE workbook (Beyer et al. 2018, chapter 5, table 5-8), for an objective
over 30 days: an alert fires while the burn rate of a long window and of a short one, a twelfth as
long, are both at or above its threshold. The long window keeps single failures from alarming, the
short one ends the alarm soon after the trouble.

A run is seldom three days long. Shorter ones are taken as if they were: all windows shrink by one
factor, so that the longest is the load that was judged, and none below an interval of the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import TIME_TOLERANCE_S, length_s
from reli_analysis.slo.objective import DAY_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.selection import Spans

HOUR_S = 3600.0
PAIRS = ((14.4, HOUR_S, HOUR_S / 12), (6.0, 6 * HOUR_S, HOUR_S / 2), (1.0, 3 * DAY_S, 6 * HOUR_S))
"""Burn rate, long window and short window of each alert, in seconds."""

FEWEST_FAILURES = 2
"""One failure is no burning: its rate says how short the window is."""

_MOST_SPANS = 20
_ONE_SIDED = 1.6448536269514722


@dataclass(frozen=True)
class Burn:
    """One alert: its threshold, its windows (as they are in ``of_*``), and how near it came.

    ``highest`` is the highest rate that both windows had at one time, at ``at_s`` (their common
    end), ``None`` when no window holds requests. ``fired_s`` are the first stretches of time in
    which it would have fired.
    """

    rate: float
    of_long_s: float
    of_short_s: float
    long_s: float
    short_s: float
    highest: float | None
    at_s: float | None
    fired_s: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Counts:
    """Requests and failures by interval, in order of time, of one length."""

    elapsed_s: NDArray[np.float64]
    requests: NDArray[np.float64]
    failures: NDArray[np.float64]
    interval_s: float


def scale_of(spans: Spans) -> float:
    """By how much the windows shrink: 1 for a run that holds three days."""
    return min(1.0, length_s(spans) / PAIRS[-1][1])


def burning(objective: float, counts: Counts, spans: Spans) -> tuple[Burn, ...]:
    """Each alert over the spans; the objective lies below 1. Windows cross no gap between spans."""
    scale = scale_of(spans)
    return tuple(_burn(objective, counts, spans, pair, scale) for pair in PAIRS)


def _burn(
    objective: float,
    counts: Counts,
    spans: Spans,
    pair: tuple[float, float, float],
    scale: float,
) -> Burn:
    rate, of_long_s, of_short_s = pair
    long_s, short_s = (
        max(1, round(of_s * scale / counts.interval_s)) * counts.interval_s
        for of_s in (of_long_s, of_short_s)
    )
    longest = max(end - start for start, end in spans)
    long_s = min(long_s, max(1, int(longest / counts.interval_s)) * counts.interval_s)
    ends = np.concatenate(
        [np.arange(a + long_s, b + TIME_TOLERANCE_S, counts.interval_s) for a, b in spans]
    )
    requests, failures = _sums(counts, ends, long_s)
    rates = np.minimum(
        _rates(requests, failures, objective), _rates(*_sums(counts, ends, short_s), objective)
    )
    known = np.isfinite(rates)
    burns = known & (np.nan_to_num(rates) >= rate)
    fires = burns & _more_than_chance(failures, requests * (1 - objective))
    worst = int(np.nanargmax(rates)) if known.any() else None
    return Burn(
        rate=rate,
        of_long_s=of_long_s,
        of_short_s=of_short_s,
        long_s=long_s,
        short_s=short_s,
        highest=None if worst is None else float(rates[worst]),
        at_s=None if worst is None else float(ends[worst]),
        fired_s=_stretches(ends[fires], counts.interval_s),
    )


def _sums(
    counts: Counts, ends: NDArray[np.float64], length: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Requests and failures of the windows of one length that end at these times."""
    low = np.searchsorted(counts.elapsed_s, ends - length - TIME_TOLERANCE_S)
    high = np.searchsorted(counts.elapsed_s, ends - TIME_TOLERANCE_S)
    requests, failures = (
        np.concatenate(([0.0], np.cumsum(np.nan_to_num(values))))
        for values in (counts.requests, counts.failures)
    )
    return requests[high] - requests[low], failures[high] - failures[low]


def _rates(
    requests: NDArray[np.float64], failures: NDArray[np.float64], objective: float
) -> NDArray[np.float64]:
    """Burn rates; NaN without requests."""
    return np.asarray(failures / np.where(requests > 0, requests, np.nan) / (1 - objective))


def _more_than_chance(
    failures: NDArray[np.float64], allowed: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where so many failures say that more than those allowed are to be expected.

    The lower 95 % bound of a Poisson mean (Garwood 1936), by Wilson and Hilferty (1931):
    k (1 - 1/(9 k) - 1.645/(3 sqrt(k)))^3 for k failures.
    """
    k = np.maximum(failures, FEWEST_FAILURES)
    lowest = k * (1 - 1 / (9 * k) - _ONE_SIDED / (3 * np.sqrt(k))) ** 3
    return np.asarray((failures >= FEWEST_FAILURES) & (lowest > allowed))


def _stretches(at_s: NDArray[np.float64], interval_s: float) -> tuple[tuple[float, float], ...]:
    """Neighbouring moments joined."""
    if not len(at_s):
        return ()
    breaks = np.flatnonzero(np.diff(at_s) > 1.5 * interval_s)
    firsts, lasts = np.append(0, breaks + 1), np.append(breaks, len(at_s) - 1)
    pairs = zip(at_s[firsts].tolist(), at_s[lasts].tolist(), strict=True)
    return tuple(pairs)[:_MOST_SPANS]
