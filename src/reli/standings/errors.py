"""``errors of "TimeoutError" < 0.1%``: failures of a class, of the whole run's requests."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from reli.standings.measures import MEASURES, PROOFS, AtOnce
from reli.standings.parts import endpoint_of
from reli_analysis.budgets.enough import requests_for_ratio
from reli_analysis.budgets.proof import surely_above

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli.standings.parts import Endpoint
    from reli_analysis.budgets import Budget


class Errors(AtOnce):
    """Requests of the whole run, and how many of them failed with a class of errors."""

    def __init__(self, error: str, endpoint: Endpoint | None) -> None:
        self._error = error
        self._endpoint = endpoint
        self.requests = self.failed = 0

    def take(self, moment: Moment) -> None:
        """Count an interval, whichever part of the run it lies in."""
        endpoint = self._endpoint
        if endpoint is not None and endpoint.part.afresh:
            self.requests = self.failed = 0
        counted = endpoint.part.requests if endpoint else moment.number("requests") or 0.0
        self.requests += round(counted)
        self.failed += sum(
            count
            for kind, name, error, _text, count in moment.row.failures
            if fnmatchcase(error, self._error)
            and (endpoint is None or endpoint.is_chosen(kind, name))
        )


def _errors(budget: Budget, feeds: Feeds) -> Errors:
    assert budget.error is not None
    endpoint = None if budget.endpoint is None else endpoint_of(budget.endpoint, feeds)
    error = budget.error
    return feeds.shared(("errors", error, budget.endpoint), lambda: Errors(error, endpoint))


def errors(budget: Budget, feeds: Feeds) -> Value:
    """Their share of all requests."""
    counted = _errors(budget, feeds)
    return lambda: counted.failed / counted.requests if counted.requests else None


def proven(budget: Budget, feeds: Feeds) -> Callable[[], bool]:
    """With enough requests, or so many failures among few that luck does not explain them."""
    counted, limit = _errors(budget, feeds), budget.last_limit
    needed = requests_for_ratio(limit) if budget.wants_less else 1
    return lambda: (
        counted.requests >= needed or surely_above(counted.failed, counted.requests, limit)
    )


MEASURES.register("errors", errors)
PROOFS.register("errors", proven)
