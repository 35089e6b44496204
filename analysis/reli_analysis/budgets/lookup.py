"""Finds in a run what a budget speaks of, or says what is there instead."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import STEADY, length_s, load_spans, steady_spans
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli_analysis.budgets.model import Budget
    from reli_analysis.record import MetricSpec
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run, Series

_NAMES_SHOWN = 5
_SPANS_SHOWN = 100


def nearest_names(name: str, known: Iterable[str]) -> str:
    """The known names that are most like this one, or the first of them."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    if close:
        return "nearest: " + ", ".join(close)
    if not names:
        return "there are none"
    more = len(names) - _NAMES_SHOWN
    return "known: " + ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def series_of(run: Run, column: str) -> Series:
    """The column of that name, whatever its case; raises ``Undecided`` naming the nearest ones."""
    if column in run.series:
        return run.series[column]
    for name, series in run.series.items():
        if name.casefold() == column.casefold():
            return series
    raise Undecided(
        f'there is no column or metric "{column}"; {nearest_names(column, run.series)}',
        advice=f'Correct the name "{column}" in the budget, or measure it.',
    )


def metric_of(run: Run, column: str) -> MetricSpec | None:
    """What the run's profile says of a metric; ``None`` for columns that every run has."""
    metrics = run.info.metrics if run.info else ()
    return next((metric for metric in metrics if metric.name == column), None)


def matching(names: Iterable[str], pattern: str) -> tuple[str, ...]:
    """The endpoints that a pattern means, each ``"TYPE NAME"``; the type may be left out.

    A name that equals the pattern comes first, so that ``[id]`` in names needs no escaping.
    """
    known = sorted(names)
    parts = {name: (name, name.partition(" ")[2]) for name in known}
    exact = tuple(name for name in known if pattern in parts[name])
    if exact:
        return exact
    return tuple(n for n in known if any(fnmatchcase(part, pattern) for part in parts[n]))


def endpoints_of(names: Iterable[str], pattern: str) -> tuple[str, ...]:
    """As :func:`matching`; raises ``Undecided`` naming the nearest endpoints when there is none."""
    known = list(names)
    found = matching(known, pattern)
    if not found:
        raise Undecided(
            f'no endpoint matches "{pattern}"; {nearest_names(pattern, known)}',
            advice=f'Correct the endpoint "{pattern}" in the budget, or let the load call it.',
        )
    return found


def spans_of(run: Run, window: str = STEADY, *, under_load: bool = False) -> Spans:
    """The stretches of a window, on request without the drain; raises ``Undecided`` without any."""
    spans = load_spans(run, window) if under_load else steady_spans(run, window)
    if not spans:
        raise Undecided(
            f"the run has no {window} window",
            advice=f"Give the profile a stage whose window is {window}, and let the run reach it.",
        )
    return spans


def judged_part(budget: Budget, run: Run, *, under_load: bool = False) -> dict[str, Any]:
    """The evidence of what was judged: stretches in seconds of the run, the first of very many."""
    spans = spans_of(run, budget.judged_window, under_load=under_load)
    return {"windows_s": [list(span) for span in spans[:_SPANS_SHOWN]]}


def in_window(window: str, spans: Spans) -> str:
    """``10 min of steady load``, ``30 s of the fault window``."""
    what = "steady load" if window == STEADY else f"the {window} window"
    return f"{format_duration(length_s(spans))} of {what}"
