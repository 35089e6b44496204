"""The requests of an interval that a budget speaks of: all, or those of some endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from reli.standings.measures import AtOnce
from reli_analysis.record.layout import ARRIVAL, OTHER

if TYPE_CHECKING:
    from reli.recorder.protocol import EndpointRow
    from reli.standings.measures import Feeds
    from reli.standings.moment import Moment
    from reli_analysis.budgets import Budget

_FOLDED = ("", OTHER)
"""Type and name of the endpoint under which requests past the limit of names are counted."""


@dataclass(frozen=True)
class Part:
    """Some requests of one interval; ``answers`` are those that somebody answered.

    ``afresh`` says that all parts before were of other endpoints: what they came to is void.
    """

    requests: float
    failures: float
    answers: float
    buckets: Sequence[Mapping[int, int]]
    afresh: bool = False


Source = Callable[["Moment"], Part]


def all_requests(moment: Moment) -> Part:
    """As the columns of ``results.csv`` count them."""
    requests = moment.number("requests") or 0.0
    dropped = moment.number("dropped") or 0.0
    failures = moment.number("failures") or 0.0
    return Part(requests, failures, requests - dropped, (moment.buckets,))


def service_times(moment: Moment) -> Part:
    """As all requests, with the service times in the place of the response times."""
    buckets = moment.row.services if moment.row.open_model else moment.buckets
    return Part(0.0, 0.0, 0.0, (buckets,))


def source_of(budget: Budget, feeds: Feeds) -> Source:
    """The requests that a budget speaks of."""
    if budget.endpoint is None:
        return service_times if budget.function == "service_pNN" else all_requests
    endpoint = endpoint_of(budget.endpoint, feeds)
    return lambda _moment: endpoint.part


def endpoint_of(pattern: str, feeds: Feeds) -> Endpoint:
    """The feed of a pattern's endpoints."""
    return feeds.shared(("endpoint", pattern), lambda: Endpoint(pattern))


class Endpoint(AtOnce):
    """The endpoints that a pattern means, by the rules of ``reli_analysis.budgets.lookup.matching``.

    A name that equals the pattern counts alone: from the first one on, what other names brought is
    void. Names are remembered; the load tells only so many apart.
    """

    def __init__(self, pattern: str) -> None:
        self.part = Part(0.0, 0.0, 0.0, ())
        self.answered = False
        """Whether one of its endpoints was ever answered."""
        self.in_doubt = False
        """Whether requests that were counted under (other) may have been its own."""
        self._pattern = pattern
        self._chosen: dict[tuple[str, str], bool] = {}
        self._named = False
        self._folded = False
        self._processes = 0
        self._joined: set[str] = set()

    def take(self, moment: Moment) -> None:
        """Find the endpoints of the interval that belong to the pattern."""
        afresh = False
        for endpoint in moment.row.endpoints:
            key = (endpoint.request_type, endpoint.name)
            if key not in self._chosen:
                afresh |= self._meet(key)
        chosen = [e for e in moment.row.endpoints if self._chosen[e.request_type, e.name]]
        answers = [e for e in chosen if not _is_unanswered(e)]
        self.answered |= bool(answers)
        self.part = Part(
            sum(endpoint.requests for endpoint in chosen),
            sum(endpoint.failures for endpoint in chosen),
            sum(endpoint.requests for endpoint in answers),
            tuple(endpoint.counts for endpoint in chosen),
            afresh,
        )
        self._count_processes(moment)

    def is_chosen(self, request_type: str, name: str) -> bool:
        """Whether a name that was met belongs to the pattern."""
        return self._chosen.get((request_type, name), False)

    def _meet(self, key: tuple[str, str]) -> bool:
        """Decide on a name that is new; returns whether it makes void what came before."""
        names = (" ".join(key), key[1])
        exact = self._pattern in names
        afresh = exact and not self._named
        if afresh:
            self._named, self.answered = True, False
            self._chosen = dict.fromkeys(self._chosen, False)
        by_pattern = any(fnmatchcase(name, self._pattern) for name in names)
        self._chosen[key] = exact if self._named else by_pattern
        self._folded |= key == _FOLDED
        return afresh

    def _count_processes(self, moment: Moment) -> None:
        """As ``reli_analysis.budgets.folded``: a name that one process told apart stays so."""
        self._processes = max(self._processes, moment.row.workers)
        for event in moment.events:
            if event.kind == "worker" and event.message.startswith("joined"):
                self._joined = (
                    {*self._joined, event.subject} if len(self._joined) < 2 else self._joined
                )
        alone = max(self._processes, len(self._joined)) == 1
        its_own = self._chosen.get(_FOLDED, False)
        self.in_doubt = self._folded and not its_own and not (self._named and alone)


def _is_unanswered(endpoint: EndpointRow) -> bool:
    """Whether it counts arrivals that were dropped, or that never ended."""
    return endpoint.request_type == ARRIVAL and endpoint.name.startswith("(")
