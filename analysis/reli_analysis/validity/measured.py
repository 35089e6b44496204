"""Was anything measured at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.courses import TARGET
from reli_analysis.units import format_value
from reli_analysis.validity.asked import asked_budgets
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "measured anything"

MOST_FAILED = 0.5
"""From here on the median latency may be that of a failure."""

_OF_FAILURES = {"error_ratio", "availability", "errors"}
_BUDGET = '--budget "error_ratio < 1%"'


def check(run: Run) -> Finding | None:
    """INVALID without a request, or when a metric that must count something stayed at nothing.

    So is one in which every request failed, unless a budget speaks of failures and judges that. A
    record that only samples is asked for samples.
    """
    if not run.has_load:
        return _sampled(run)
    requests = run.series.get("requests")
    if requests is None:
        return None
    total = float(np.nansum(requests.values))
    if total <= 0:
        return found(
            NAME,
            Verdict.INVALID,
            "no request was answered in the whole run",
            observed=0.0,
            unit="count",
            evidence={ADVICE: "See whether the target is there and the load reaches it."},
        )
    if (failed := _failed(run, total)) is not None and failed.verdict is not Verdict.PASS:
        return failed
    for metric in run.info.metrics if run.info else ():
        if metric.required and not _last(run, metric.name) > 0:
            return found(
                NAME,
                Verdict.INVALID,
                f"{metric.name} stayed at nothing ({metric.meaning}): "
                "nothing that was measured counts",
                unit=metric.unit,
                evidence={
                    "metric": metric.name,
                    ADVICE: f"See why {metric.name} never grew: {metric.meaning}.",
                },
            )
    dropped = run.series.get("dropped")
    given_up = float(np.nansum(dropped.values)) if dropped is not None else 0.0
    told = f"{total - given_up:,.0f} requests were answered"
    if given_up:
        told += f", and {given_up:,.0f} arrivals given up"
    if failed is not None:
        return failed
    return found(NAME, Verdict.PASS, told, observed=total, unit="count")


def _failed(run: Run, total: float) -> Finding | None:
    """Says so when most requests failed and no budget bounds that: failures are often fast."""
    failures = run.series.get("failures")
    share = float(np.nansum(failures.values)) / total if failures is not None else 0.0
    if share < MOST_FAILED or any(b.function in _OF_FAILURES for b in asked_budgets(run)):
        return None
    numbers = {"observed": share, "limit": MOST_FAILED, "unit": "ratio"}
    evidence = {ADVICE: f"See why requests fail, and say how many may: {_BUDGET}."}
    if share < 1:
        told = (
            f"{format_value(share, 'ratio')} of the requests failed and no budget speaks of that: "
            "latencies are mostly those of failures"
        )
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True, **numbers)
    told = f"all {total:,.0f} requests failed: how fast they did says nothing of the service"
    return found(NAME, Verdict.INVALID, told, evidence=evidence, **numbers)


def _sampled(run: Run) -> Finding:
    samples = sum(len(one.elapsed_s) for one in run.sampled if one.role == TARGET)
    samples += sum(len(one.series) for one in run.published)
    if samples:
        told = f"{samples:,} readings of targets were taken"
        return found(NAME, Verdict.PASS, told, observed=float(samples), unit="count")
    return found(
        NAME,
        Verdict.INVALID,
        "nothing was sampled: no target was ever there",
        observed=0.0,
        unit="count",
        evidence={ADVICE: "See whether the targets are there and may be read."},
    )


def _last(run: Run, name: str) -> float:
    """The last measured value of a metric; 0 when there is none."""
    series = run.series.get(name)
    values = series.measured().values if series is not None else np.empty(0)
    return float(values[-1]) if len(values) else 0.0


CHECKS.register(NAME, check)
