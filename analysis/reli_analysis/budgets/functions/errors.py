"""``errors of "TimeoutError" < 0.1%``: failures of one class of error, of the whole run."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets.enough import requests_for_ratio
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import Interval, clopper_pearson
from reli_analysis.budgets.lookup import endpoints_of
from reli_analysis.budgets.near import Tried, too_near
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.proof import surely_below
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.record.layout import FAILURES_CSV, OTHER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Endpoint, Failure, Run
    from reli_analysis.verdict import Finding

_SHOWN = 5
_FAILED = "Look at the failures of that class in the report: which endpoint, and with what text."


def evaluate(budget: Budget, run: Run) -> Finding:
    """The share of all requests of the run, warm-up and drain included, that failed so.

    ``failures.csv`` counts every failure by its class. What it could not tell apart (classes past
    the limit of texts), or lost, may have been of this class, and is counted for and against.
    """
    counted = _counted(budget, run)
    observed = counted.failures / counted.requests
    evidence: dict[str, Any] = {
        "requests": counted.requests,
        "failures": counted.failures,
        "failures_in_doubt": counted.in_doubt,
        "errors_seen": list(counted.classes[:_SHOWN]),
        "windows_s": [[0.0, run.duration_s]],
    }
    interval = Interval(*clopper_pearson(counted.failures, counted.requests), 1)
    _check_known(budget, counted, observed, evidence)
    if budget.keeps(observed, budget.last_limit):
        _check_proven(budget, counted, observed, {**evidence, **interval.evidence()})
    what = f"{counted.failures:,} of {counted.requests:,} requests of the whole run"
    if not counted.failures:
        seen = ", ".join(counted.classes[:_SHOWN]) or "none at all"
        what += f"; classes of errors that were seen: {seen}"
    return judged(budget, observed, what, evidence, _FAILED, interval=interval)


@dataclass(frozen=True)
class _Counted:
    """``in_doubt`` failures may be of the class, too; ``classes`` are all, the most frequent first."""

    requests: int
    failures: int
    in_doubt: int
    classes: tuple[str, ...]


def _counted(budget: Budget, run: Run) -> _Counted:
    if not run.failures and (run.info is None or any(d.file == FAILURES_CSV for d in run.damage)):
        raise Undecided(
            f"the input does not tell errors apart ({FAILURES_CSV})",
            advice=f"Analyse the run directory with its {FAILURES_CSV}.",
        )
    requests, failed, endpoints = _traffic(budget, run)
    if not requests:
        raise Undecided("no request was counted")
    assert budget.error is not None
    told = [f for f in run.failures if endpoints is None or f.endpoint in endpoints]
    hits = sum(f.count for f in told if _is_of(f.error, budget.error))
    unclear = sum(f.count for f in told if f.error == OTHER and not _is_of(OTHER, budget.error))
    unclear += max(0, failed - sum(f.count for f in told))  # lost, or folded with their endpoint
    return _Counted(requests, min(hits, requests), unclear, _classes(told))


def _traffic(budget: Budget, run: Run) -> tuple[int, int, frozenset[str] | None]:
    """Requests and failures of the run, and the endpoints that are meant; ``None`` means all."""
    if budget.endpoint is not None:
        names = frozenset(endpoints_of(run.endpoints, budget.endpoint))
        chosen: list[Endpoint] = [run.endpoints[name] for name in names]
        return _sum(e.requests for e in chosen), _sum(e.failures for e in chosen), names
    columns = [run.series.get(name) for name in ("requests", "failures")]
    requests, failures = (0 if s is None else _sum([s.values]) for s in columns)
    return requests, failures, None


def _sum(parts: Iterable[np.ndarray[Any, np.dtype[np.float64]]]) -> int:
    return round(float(sum(np.nansum(part) for part in parts)))


def _is_of(error: str, pattern: str) -> bool:
    return error == pattern or fnmatchcase(error, pattern)


def _classes(failures: Iterable[Failure]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(failure.error for failure in failures))


def _check_known(
    budget: Budget, counted: _Counted, observed: float, evidence: dict[str, Any]
) -> None:
    """Raise ``Undecided`` when failures of unknown class could turn the answer."""
    highest = min(1.0, (counted.failures + counted.in_doubt) / counted.requests)
    if budget.keeps(observed, budget.last_limit) != budget.keeps(highest, budget.last_limit):
        raise Undecided(
            f"the class of {counted.in_doubt:,} failures is not known (past the limit of texts, or "
            "lost), and they decide",
            observed=observed,
            evidence=evidence,
            advice="Let errors of one kind have one text, so that none is folded away.",
        )


def _check_proven(
    budget: Budget, counted: _Counted, observed: float, evidence: dict[str, Any]
) -> None:
    """Raise ``Undecided`` when luck alone could have kept the share below its limit."""
    limit, hits = budget.last_limit, counted.failures + counted.in_doubt
    if not budget.wants_less or not 0 < limit < 1:
        return
    needed = requests_for_ratio(limit)
    if counted.requests < needed:
        missing = needed - counted.requests
        raise Undecided(
            f"only {counted.requests:,} requests; {budget.limit_text(limit)} needs at least "
            f"{needed:,}, {missing:,} more",
            observed=observed,
            evidence={**evidence, "requests_needed": needed},
            advice=f"Run longer or send more: {budget.word} needs at least {needed:,} requests.",
        )
    if not surely_below(hits, counted.requests, limit):
        tried = Tried("requests", hits, counted.requests, limit)
        raise too_near(budget, tried, observed, evidence)


EVALUATORS.register("errors", evaluate)
