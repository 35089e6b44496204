"""The requests and failures that a budget on traffic counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reli_analysis.budgets.intervals import per_block
from reli_analysis.budgets.lookup import endpoints_of, spans_of
from reli_analysis.budgets.unanswered import is_unanswered
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import BLOCKS, block_of, inside

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run, Series

DROPPED = "dropped_ratio"
_Columns: TypeAlias = tuple[NDArray[np.float64], ...]
"""When, requests, failures, lengths of the intervals in seconds."""


@dataclass(frozen=True)
class Traffic:
    """Requests and failures of the intervals in some spans of the run, in order of time.

    ``longest_s`` is the longest interval: endpoints are counted over longer ones than everything.
    """

    elapsed_s: NDArray[np.float64]
    requests: NDArray[np.float64]
    failures: NDArray[np.float64]
    longest_s: float
    spans: Spans

    @property
    def total(self) -> int:
        return round(float(np.nansum(self.requests)))

    @property
    def failed(self) -> int:
        return round(float(np.nansum(self.failures)))

    def in_blocks(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Failures and requests by stretch of time, as ``selection.block_of`` cuts the spans."""
        blocks = block_of(self.elapsed_s, self.spans)
        return per_block(blocks, self.failures, BLOCKS), per_block(blocks, self.requests, BLOCKS)


def traffic_of(budget: Budget, run: Run) -> Traffic:
    """What a budget speaks of; raises ``Undecided`` when the input does not count requests.

    Failures and drops in the drain are those of the steady load before it; a rate is one under load,
    and made of answers alone.
    """
    rate = budget.function == "throughput"
    if budget.function == DROPPED:
        parts = _arrivals(run)
    elif budget.endpoint is None:
        parts = _everything(budget, run, answers=rate)
    else:
        parts = _endpoints(budget.endpoint, run, answers=rate)
    elapsed_s, requests, failures, interval_s = map(np.concatenate, zip(*parts, strict=True))
    spans = spans_of(run, budget.judged_window, under_load=rate)
    steady = np.flatnonzero(inside(elapsed_s, spans))
    steady = steady[np.argsort(elapsed_s[steady], kind="stable")]
    longest_s = float(np.nan_to_num(interval_s[steady]).max(initial=run.interval_s))
    return Traffic(elapsed_s[steady], requests[steady], failures[steady], longest_s, spans)


def _everything(budget: Budget, run: Run, *, answers: bool) -> list[_Columns]:
    requests, failures = (run.series.get(name) for name in ("requests", "failures"))
    if requests is None or failures is None:
        quoted = f'; the column of that name is "{budget.word}" in quotes'
        raise Undecided(
            "the input has no columns requests and failures, from which "
            f"{budget.word} is computed" + (quoted if budget.word in run.series else ""),
            advice="Analyse a run directory or its results.csv.",
        )
    counted = requests.values
    if answers and "dropped" in run.series:
        counted = counted - np.nan_to_num(run.series["dropped"].values)
    return [(requests.elapsed_s, counted, failures.values, _intervals(run, requests))]


def _endpoints(pattern: str, run: Run, *, answers: bool) -> list[_Columns]:
    if not run.endpoints:
        raise Undecided(
            "the input does not tell endpoints apart (requests.csv)",
            advice="Analyse the run directory with its requests.csv.",
        )
    names = endpoints_of(run.endpoints, pattern)
    chosen = [run.endpoints[name] for name in names if not (answers and is_unanswered(name))]
    if not chosen:
        raise Undecided(f'"{pattern}" is never answered: it has no throughput')
    return [(e.elapsed_s, e.requests, e.failures, e.interval_s) for e in chosen]


def _arrivals(run: Run) -> list[_Columns]:
    """Arrivals as requests, and those given up as failures."""
    if not run.is_open or "dropped" not in run.series:
        raise Undecided(
            "there are no arrivals: only the open model drops what nobody took in time",
            advice=f"Write model: open into the profile, or leave {DROPPED} out.",
        )
    arrivals, dropped = run.series["arrivals"], run.series["dropped"]
    return [(arrivals.elapsed_s, arrivals.values, dropped.values, _intervals(run, arrivals))]


def _intervals(run: Run, series: Series) -> NDArray[np.float64]:
    return np.full(len(series), run.interval_s)
