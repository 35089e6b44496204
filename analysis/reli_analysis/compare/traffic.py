"""Requests and failures of a run or of one of its endpoints, in the rows in which they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.measured import Missing
from reli_analysis.selection import inside, load_spans, steady_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.compare.blocks import Blocks
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run


@dataclass(frozen=True)
class Traffic:
    """Rows in order of time; ``answered`` are the requests that were not dropped unanswered.

    What was asked in the steady windows counts as ``requests`` even when it failed in the drain;
    rates are made under load alone.
    """

    steady: Spans
    load: Spans
    elapsed_s: NDArray[np.float64]
    interval_s: NDArray[np.float64]
    requests: NDArray[np.float64]
    answered: NDArray[np.float64]
    failures: NDArray[np.float64]

    @property
    def row_s(self) -> float:
        return float(self.interval_s.max(initial=0.0)) or 1.0

    @property
    def asked(self) -> float:
        """The requests of the steady windows."""
        return float(self.requests[inside(self.elapsed_s, self.steady)].sum())

    def failed_by_block(self, blocks: Blocks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Failures and requests of the steady windows."""
        chosen = inside(self.elapsed_s, self.steady)
        at = self.elapsed_s[chosen]
        return blocks.sums(at, self.failures[chosen]), blocks.sums(at, self.requests[chosen])

    def rate_by_block(self, blocks: Blocks) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Answers and seconds under load."""
        chosen = inside(self.elapsed_s, self.load)
        at = self.elapsed_s[chosen]
        return blocks.sums(at, self.answered[chosen]), blocks.sums(at, self.interval_s[chosen])


def of_everything(run: Run) -> Traffic | Missing:
    """All requests, from the results."""
    requests, failures = run.series.get("requests"), run.series.get("failures")
    if requests is None or failures is None or not len(requests.measured()):
        return Missing("does not count requests and failures")
    dropped = run.series.get("dropped")
    lost = np.nan_to_num(dropped.values) if dropped is not None else np.zeros(len(requests))
    counted = np.nan_to_num(requests.values)
    return _traffic(
        run,
        requests.elapsed_s,
        np.full(len(requests), run.interval_s),
        (counted, counted - lost, np.nan_to_num(failures.values)),
    )


def of_endpoint(run: Run, name: str) -> Traffic | Missing:
    """One endpoint's requests."""
    endpoint = run.endpoints.get(name)
    if endpoint is None:
        return Missing("has no such endpoint")
    counted = np.nan_to_num(endpoint.requests)
    failed = np.nan_to_num(endpoint.failures)
    return _traffic(run, endpoint.elapsed_s, endpoint.interval_s, (counted, counted, failed))


def _traffic(
    run: Run,
    elapsed_s: NDArray[np.float64],
    interval_s: NDArray[np.float64],
    counts: tuple[NDArray[np.float64], ...],
) -> Traffic:
    order = np.argsort(elapsed_s, kind="stable")
    columns = (column[order] for column in (elapsed_s, np.nan_to_num(interval_s), *counts))
    return Traffic(steady_spans(run), load_spans(run), *columns)
