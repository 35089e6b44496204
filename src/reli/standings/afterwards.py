"""Functions that need the whole run and the statistics of the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.standings.measures import MEASURES
from reli_analysis.budgets.vocabulary import NO_DRIFT, NO_LEAK

if TYPE_CHECKING:
    from reli.standings.measures import Feeds, Value
    from reli_analysis.budgets import Budget


def afterwards(budget: Budget, feeds: Feeds) -> Value:
    """Unknown for as long as the run goes on."""
    del budget, feeds
    return lambda: None


for _name in (NO_LEAK, NO_DRIFT, "recovery"):
    MEASURES.register(_name, afterwards)
