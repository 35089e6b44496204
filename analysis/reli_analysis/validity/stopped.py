"""Did what is judged go on to the end of the steady load?

A series that stops half-way leaves its good half behind: its maximum, its slope, its percentiles
are those of the time before it fell silent. So are those of answers: a service that hangs answers
nothing any more, and nothing is not slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.samples import LONGEST_SILENCE
from reli_analysis.record.layout import (
    IDLE_START_DELAY_QUANTILES,
    RESPONSE_QUANTILES,
    SERVICE_QUANTILES,
    START_DELAY_QUANTILES,
)
from reli_analysis.selection import steady_rows, under_load
from reli_analysis.units import format_duration
from reli_analysis.validity.asked import asked_columns
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "series go on"

_OWN_STEPS = 3.0
"""What is sampled rarely (USS, a slow source) may pause for so many of its own steps."""

_FEWEST = 5
_FEWEST_VALUES = 3
_SHOWN = 3

_OF_ANSWERS = {
    *("mean_ms", "error_ratio"),
    *RESPONSE_QUANTILES,
    *SERVICE_QUANTILES,
    *START_DELAY_QUANTILES,
    *IDLE_START_DELAY_QUANTILES,
}
"""Columns that are empty where nobody asked."""


class Silence(NamedTuple):
    """What was measured no more, since when, and whether a budget speaks of it."""

    what: str
    since_s: float
    asked: bool


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE when answers or a column that is asked for stop; a warning for the others."""
    rows = steady_rows(run)
    if len(rows) < _FEWEST:
        return None
    asked = asked_columns(run)
    if (lull := _longest_lull(run, rows)) is not None:
        return lull
    silences = [
        Silence(name, since_s, name in asked)
        for name in run.series
        if name not in _OF_ANSWERS
        and (since_s := _silent_since(rows, under_load(run, name), run.interval_s)) is not None
    ]
    if (since_s := _unanswered_since(run, rows)) is not None:
        silences.insert(0, Silence("answers", since_s, asked=True))
    if not silences:
        return None
    silences.sort(key=lambda silence: not silence.asked)
    end_s = float(rows[-1]) + run.interval_s
    told = "; ".join(
        f"{silence.what} stopped at {format_duration(silence.since_s)}, "
        f"{format_duration(end_s - silence.since_s)} before the end of the steady load"
        for silence in silences[:_SHOWN]
    )
    if len(silences) > _SHOWN:
        told += f"; and {len(silences) - _SHOWN} more columns"
    evidence: dict[str, object] = {
        "stopped": {silence.what: silence.since_s for silence in silences[:20]}
    }
    if not silences[0].asked:
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True)
    evidence[ADVICE] = f"See why {silences[0].what} stopped, and repeat the run."
    return found(NAME, Verdict.INCONCLUSIVE, f"{told}: the rest is not known", evidence=evidence)


def _silent_since(
    rows: NDArray[np.float64], values: NDArray[np.float64], interval_s: float
) -> float | None:
    """The end of the last value, when the silence after it is long; ``None`` else.

    Also of fewer than three values, which tell no pace: memory maps are read once a minute.
    """
    known = rows[np.isfinite(values)]
    if len(known) < _FEWEST_VALUES:
        return None
    own_s = float(np.median(np.diff(known)))
    longest_s = max(LONGEST_SILENCE * len(rows) * interval_s, _OWN_STEPS * own_s)
    since_s = float(known[-1]) + interval_s
    return since_s if float(rows[-1]) + interval_s - since_s > longest_s else None


def _unanswered_since(run: Run, rows: NDArray[np.float64]) -> float | None:
    """When the last request was answered, while users went on asking for long after it."""
    requests = under_load(run, "requests")
    if run.info is None or not np.isfinite(requests).any():
        return None
    users = np.nan_to_num(under_load(run, "users"))
    answered = np.where(np.nan_to_num(requests) > 0, 1.0, np.nan)
    since_s = _silent_since(rows, answered, run.interval_s)
    if since_s is None:
        return None
    asking = (users > 0) & (under_load(run, "offered_per_s") != 0)
    return since_s if asking[rows >= since_s].all() else None


def _longest_lull(run: Run, rows: NDArray[np.float64]) -> Finding | None:
    """INCONCLUSIVE when another tool's log holds no answer for a fifth of its time, in one piece.

    Such a log has a row an answer and says nothing of who asked: an outage looks like a pause.
    """
    requests = under_load(run, "requests")
    if run.info is not None or not np.isfinite(requests).any():
        return None
    answered = rows[np.nan_to_num(requests) > 0]
    if not len(answered):
        return None
    silent_s = np.diff(answered) - run.interval_s
    longest = int(np.argmax(silent_s)) if len(silent_s) else 0
    whole_s = len(rows) * run.interval_s
    if not len(silent_s) or silent_s[longest] <= LONGEST_SILENCE * whole_s:
        return None
    since_s, until_s = float(answered[longest]) + run.interval_s, float(answered[longest + 1])
    told = (
        f"nothing was answered from {format_duration(since_s)} to {format_duration(until_s)}: "
        "whether nobody asked or nobody answered is not known"
    )
    evidence = {
        "windows_s": [[since_s, until_s]],
        ADVICE: "If nobody asked then, judge the parts before and after it by themselves.",
    }
    return found(NAME, Verdict.INCONCLUSIVE, told, evidence=evidence)


CHECKS.register(NAME, check)
