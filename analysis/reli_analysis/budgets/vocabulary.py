"""The words that budgets are written in. Each function here has its evaluator in ``functions/``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.record.layout import RESULTS_COLUMNS, unit_of
from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

ALIASES = {"rss": "rss_bytes", "uss": "uss_bytes", "cpu": "cpu_cores"}
"""Short names of results columns."""

_PERCENTILE = re.compile(r"(service_)?p(?:(9\d)(\d+)|(\d{1,2})(\.\d+)?)")
_UNITS = {column.name: column.unit for column in RESULTS_COLUMNS}


NO_LEAK = "no leak in"
NO_DRIFT = "no drift in"
PER_REQUEST = " per request"
"""What a subject of ``no drift in`` ends in that is an amount by requests."""


@dataclass(frozen=True)
class FunctionSpec:
    """One function: how it is written and what it means.

    ``unit`` is that of its value, ``None`` where it is the metric's. ``of`` tells whether it can be
    asked of one endpoint, ``over`` whether of every sliding window, ``within`` whether of another
    window of the run than the steady one.
    """

    name: str
    example: str
    meaning: str
    unit: str | None = None
    of: bool = False
    over: bool = False
    within: bool = False


VOCABULARY: Registry[FunctionSpec] = Registry("budget function")

for _spec in (
    FunctionSpec(
        "pNN",
        "p95 < 250ms",
        "response time that NN % of the requests keep",
        "ms",
        of=True,
        over=True,
        within=True,
    ),
    FunctionSpec(
        "service_pNN",
        "service_p99 < 1s",
        "the same for service time: from sending to answer",
        "ms",
        over=True,
        within=True,
    ),
    FunctionSpec("mean", "mean < 50ms", "mean response time", "ms", of=True, within=True),
    FunctionSpec(
        "max_latency", "max_latency < 2s", "longest response time", "ms", of=True, within=True
    ),
    FunctionSpec(
        "error_ratio",
        "error_ratio < 1%",
        "failed requests divided by all",
        "ratio",
        of=True,
        over=True,
        within=True,
    ),
    FunctionSpec(
        "availability",
        "availability > 99.9%",
        "requests that did not fail divided by all",
        "ratio",
        of=True,
        over=True,
        within=True,
    ),
    FunctionSpec(
        "dropped_ratio",
        "dropped_ratio < 0.1%",
        "arrivals of the open model given up because no user was free in time, divided by all",
        "ratio",
        over=True,
        within=True,
    ),
    FunctionSpec(
        "throughput",
        "throughput > 50/s",
        "requests a second that were answered",
        "1/s",
        of=True,
        over=True,
        within=True,
    ),
    FunctionSpec(
        "errors",
        'errors of "TimeoutError" < 0.1%',
        "failures of one class of error, divided by all requests of the whole run",
        "ratio",
        of=True,
    ),
    FunctionSpec(
        "recovery",
        "recovery < 30s",
        "time from the end of a fault until errors and p95 are back at their steady level",
        "s",
    ),
    FunctionSpec(
        "NAME",
        "drop_ratio < 0.1%",
        "a column or metric: a gauge's worst value, a counter's increase over the run, "
        "a ratio at the run's end",
        over=True,
        within=True,
    ),
    FunctionSpec("max NAME", "max rss < 512MiB", "largest value in the steady window", within=True),
    FunctionSpec("mean NAME", "mean cpu < 0.8", "mean of the steady window's samples", within=True),
    FunctionSpec("min NAME", "min users >= 10", "smallest value in the steady window", within=True),
    FunctionSpec("last NAME", "last queue_size <= 0", "last value of the whole run"),
    FunctionSpec(
        "growth NAME", "growth rss < 50MiB", "end of the steady window against its beginning"
    ),
    FunctionSpec(
        NO_DRIFT,
        "no drift in p95",
        "no slow change and no step for the worse over the run",
        of=True,
    ),
    FunctionSpec(NO_LEAK, "no leak in rss, fds, threads", "no upward trend that matters"),
):
    VOCABULARY.register(_spec.name, _spec)

PLAIN = (
    "mean",
    "max_latency",
    "error_ratio",
    "availability",
    "dropped_ratio",
    "throughput",
    "errors",
    "recovery",
)
"""Functions that are one word and take no name."""

WITH_NAME = ("max", "mean", "min", "last", "growth")
"""Words that a name follows."""


def quantile_of(word: str) -> tuple[str, float] | None:
    """Function and quantile of ``p95``, ``p99.9``, ``p999``, ``service_p50``; else ``None``.

    Digits after the second, without a point, follow it: ``p999`` is 99.9 %, as in ``p999_ms``.
    """
    match = _PERCENTILE.fullmatch(word)
    if match is None:
        return None
    service, nineties, digits, whole, fraction = match.groups()
    percent = f"{nineties}.{digits}" if nineties else whole + (fraction or "")
    quantile = round(float(percent) / 100, 12)
    return ("service_pNN" if service else "pNN", quantile) if quantile > 0 else None


def is_like_percentile(word: str) -> bool:
    """Whether a word means a percentile, possible or not: ``p0``, ``p100``."""
    return re.fullmatch(r"(service_)?p[\d.]+", word) is not None


def column_of(name: str, units: Mapping[str, str]) -> str:
    """The column that a name or short name means; a column of that very name comes first."""
    return name if name in units else ALIASES.get(name, name)


def unit_for(column: str, units: Mapping[str, str]) -> str | None:
    """A column's unit: what the run says, our own columns', what the name states, or unknown."""
    if column in units:
        return units[column]
    if column in _UNITS:
        return _UNITS[column]
    stated = unit_of(column)
    return None if stated == "count" else stated
