"""Budgets as they stand; only the analysis of the finished record gives a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.exposition.served import Group, Served
from reli_analysis.record.layout import STANDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from reli.exposition.snapshot import Snapshot

_OBSERVED = Served(
    "reli_budget_observed",
    "gauge",
    "what a budget has come to so far, in its own unit; absent while nothing is known",
    ("budget", "unit"),
)
_LIMIT = Served(
    "reli_budget_limit", "gauge", "the limit that it is held against", ("budget", "unit")
)
_STANDING = Served(
    "reli_budget_standing", "gauge", "0 unknown, 1 holds, 2 warns, 3 broken", ("budget",)
)


def _collect(snapshot: Snapshot) -> Iterator[Metric]:
    standings = snapshot.told.standings
    if not standings:
        return
    yield _OBSERVED.samples(((s.budget, s.unit), s.observed) for s in standings)
    yield _LIMIT.samples(((s.budget, s.unit), s.limit) for s in standings)
    yield _STANDING.samples(((s.budget,), STANDINGS.index(s.standing)) for s in standings)


BUDGETS = Group((_OBSERVED, _LIMIT, _STANDING), _collect)
