"""Can these numbers be measurements at all?

A sampler that may not read a process writes 0 or -1 where others write nothing; a column that was
swapped or scaled on its way keeps every limit of the quantity that it once was. Memory of a living
process is never 0, a time is never negative, the median never lies above p99, and the mean latency
of ``results.csv`` is that of the requests in ``latency.hlog``, both being exact sums.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.record.layout import RESPONSE_QUANTILES, RESULTS_COLUMNS
from reli_analysis.selection import inside, part, steady_spans
from reli_analysis.units import format_value
from reli_analysis.validity.asked import asked_columns
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from reli_analysis.series import Run, Series
    from reli_analysis.verdict import Finding

NAME = "plausible"

TOO_MANY = 0.05
"""The same as for missing intervals."""

SAME = 0.02
"""Means of the same requests agree within a bucket's width, 0.1 %; this leaves room for a torn end."""

_ALIVE = {"rss_bytes": 1.0, "uss_bytes": 1.0, "pss_bytes": 1.0, "threads": 1.0, "processes": 1.0}
_ALIVE |= {"rss": 1.0}
"""What a process has as long as it lives, and at least how much of it."""

_MEMORY = re.compile(r"(?<![a-z])(rss|uss|pss|mem|memory|resident|heap)(?![a-z])", re.IGNORECASE)
"""The same in the names of other tools, where they are in bytes: ``RSS (MiB)``, ``mem_mb``."""

_OURS = {column.name for column in RESULTS_COLUMNS if column.unit}
_PLACEHOLDER = -1.0
_ADVICE = "See how these columns were made, and judge again when they are right."


def check(run: Run) -> Finding | None:
    """INVALID for impossible numbers that a budget speaks of; a warning for those of other columns."""
    troubles = [*_units_differ(run), *_columns(run)]
    if not troubles:
        return None
    grave = [said for said, asked in troubles if asked]
    told = "; ".join((grave or [said for said, _asked in troubles])[:3])
    evidence = {"implausible": [said for said, _asked in troubles[:20]], ADVICE: _ADVICE}
    if grave:
        return found(NAME, Verdict.INVALID, f"{told}: no measurement is", evidence=evidence)
    return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True)


def _columns(run: Run) -> Iterator[tuple[str, bool]]:
    """Each column that cannot be, and whether a budget speaks of it."""
    asked = asked_columns(run)
    for name, series in run.series.items():
        values = part(series, steady_spans(run)).values
        if not len(values):
            continue
        least = _ALIVE.get(name, 0.0 if name in _OURS else _least_of_others(series, values))
        below = float(np.mean(values < least))
        if below > TOO_MANY:
            lowest = format_value(float(values.min()), series.unit)
            share = format_value(below, "ratio")
            yield (
                f"{name} is {lowest} at the least, impossibly low in {share} of its values",
                (name in asked),
            )
        elif (values == values[0]).all() and _is_placeholder(float(values[0]), series.unit):
            told = format_value(float(values[0]), series.unit)
            yield f"{name} is {told} throughout, a placeholder", name in asked
    if (said := _disordered(run)) is not None:
        yield said, True


def _least_of_others(series: Series, values: NDArray[np.float64]) -> float:
    """The least that a column of another tool can hold; differences fall as well as rise."""
    memory = series.unit == "bytes" and _MEMORY.search(series.name)
    if not memory or "swap" in series.name.lower() or ((values < 0).any() and (values > 0).any()):
        return -np.inf
    return 1.0


def _is_placeholder(value: float, unit: str) -> bool:
    """Whether it is -1, in whatever unit that was before it was read as bytes or milliseconds."""
    return value == _PLACEHOLDER or (value < 0 and unit in {"bytes", "ms", "s", "ratio"})


def _disordered(run: Run) -> str | None:
    """Percentiles that do not ascend."""
    by_quantile = sorted((q, name) for name, q in RESPONSE_QUANTILES.items() if name in run.series)
    for (_low, lower), (_high, higher) in itertools.pairwise(by_quantile):
        above = run.series[lower].values > run.series[higher].values * (1 + SAME)
        if above.any() and above.mean() > TOO_MANY:
            share = format_value(float(above.mean()), "ratio")
            return f"{lower} lies above {higher} in {share} of the rows"
    return None


def _units_differ(run: Run) -> Iterator[tuple[str, bool]]:
    """The mean of all steady requests by both files of a record."""
    if run.info is None or run.latency is None or "mean_ms" not in run.series:
        return
    requests = run.series["requests"]
    steady = inside(requests.elapsed_s, steady_spans(run))
    weights = np.nan_to_num(requests.values[steady])
    means = run.series["mean_ms"].values[steady]
    known = np.isfinite(means) & (weights > 0)
    counts = run.latency.merged((ALL_REQUESTS,), steady_spans(run))
    exact_ms = counts.mean_ms()
    total = float(weights[known].sum())
    if not exact_ms or not total or abs(counts.total - total) > SAME * total:
        return
    mean_ms = float(weights[known] @ means[known]) / total
    if abs(mean_ms / exact_ms - 1) > SAME:
        yield (
            (
                f"the mean latency is {format_value(mean_ms, 'ms')} in results.csv and "
                f"{format_value(exact_ms, 'ms')} in latency.hlog for the same requests"
            ),
            True,
        )


CHECKS.register(NAME, check)
