"""What a run tells apart: the first so many names and error texts; the rest is ``(other)``.

Whoever was told apart once stays so, and what is folded is counted all the same. A task that
puts an id into each name, or a service that puts a time into each error, then costs a bounded
memory in every process, however long the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reli.patterns import largest_family
from reli_analysis.record.layout import ARRIVAL, OTHER

if TYPE_CHECKING:
    from reli.patterns import Family

MAX_NAMES = 1000
"""Endpoints that are told apart: more than a person reads, or a report shows."""

MAX_TEXTS = 500
"""Failures that keep their text, each an endpoint with an error and its text."""

EndpointKey = tuple[str, str]
"""Name and type of request, in the order of Locust's own keys."""

FailureKey = tuple[str, str, str, str]
"""Type of request, name, class of error, text."""

_ARRIVALS = 10
"""Room beside the limit for arrivals that nobody answered: there are few of these names, and what
they count must not depend on what else has names."""

OTHER_ENDPOINT: EndpointKey = (OTHER, "")
OTHER_FAILURE: FailureKey = ("", OTHER, OTHER, OTHER)


@dataclass
class Names:
    """The endpoints that are told apart, at most ``limit``."""

    limit: int = MAX_NAMES
    _kept: set[EndpointKey] = field(default_factory=set)

    def fold(self, key: EndpointKey) -> EndpointKey:
        """The key itself while there is room for it, or the one of all others."""
        if key in self._kept or key == OTHER_ENDPOINT:
            return key
        room = self.limit + (_ARRIVALS if key[1] == ARRIVAL else 0)
        if len(self._kept) >= room:
            return OTHER_ENDPOINT
        self._kept.add(key)
        return key

    def __len__(self) -> int:
        return len(self._kept)

    def family(self) -> Family | None:
        """What most of the names have in common: ``GET /users/*/orders``."""
        return largest_family(f"{kind} {name}".strip() for name, kind in self._kept)


@dataclass
class Failures:
    """The failures that keep their text, at most ``limit``.

    A failure past the limit keeps its endpoint and its class of error, at most ``MAX_NAMES``
    distinct ones; past that it is ``OTHER_FAILURE``.
    """

    limit: int = MAX_TEXTS
    _kept: set[FailureKey] = field(default_factory=set)
    _without_text: set[FailureKey] = field(default_factory=set)

    def fold(self, key: FailureKey) -> FailureKey:
        """The key itself while there is room for it, or what it is folded into."""
        if key in self._kept:
            return key
        if key[3] != OTHER and len(self._kept) < self.limit:
            self._kept.add(key)
            return key
        key = (*key[:3], OTHER)
        if key not in self._without_text:
            if len(self._without_text) >= MAX_NAMES:
                return OTHER_FAILURE
            self._without_text.add(key)
        return key

    def __len__(self) -> int:
        return len(self._kept)

    def family(self) -> Family | None:
        """What most of them have in common: ``GET /pay: TimeoutError: timeout after * s``."""
        return largest_family(
            f"{f'{kind} {name}'.strip()}: {error}: {text}" for kind, name, error, text in self._kept
        )
