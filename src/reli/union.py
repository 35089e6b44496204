"""What all load processes together may name, and the word on what exploded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli.endpoints import Endpoints
from reli.folding import OTHER_ENDPOINT, Failures, Names
from reli_analysis.record.layout import ERRORS_EVENT, NAMES_EVENT, OTHER

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.intervals import Part
    from reli.stats import FailureCount


class _Tally:
    """Counts what is folded; due at the first, and then whenever there is ten times as much."""

    def __init__(self) -> None:
        self.count = 0
        self._told_from = 1

    def due(self, more: int) -> bool:
        self.count += more
        if self.count < self._told_from:
            return False
        while self._told_from <= self.count:
            self._told_from *= 10
        return True


class Union:
    """Folds what the load processes report, so that no number of them names too much.

    Each process folds its own names; a hundred processes could still bring a hundred times as
    many. ``tell`` takes an event (kind, subject, message): a few a run, because each needs ten
    times as many folded as the one before.
    """

    def __init__(self, tell: Callable[[str, str, str], None]) -> None:
        self._tell = tell
        self._names = Names()
        self._failures = Failures()
        self._requests = _Tally()
        self._texts = _Tally()

    def fold(self, part: Part) -> Part:
        """The same part; endpoints and failures past the limits are renamed, none is dropped."""
        endpoints = Endpoints.of(part.endpoints).renamed(self._names.fold)
        failures = [self._failure(failure) for failure in part.failures]
        requests = endpoints.requests_of(OTHER)
        texts = sum(item.count for item in failures if item.text == OTHER)
        if self._requests.due(requests):
            says = f"{self._requests.count:,} requests so far are counted under {OTHER}"
            self._explain(NAMES_EVENT, self._names, "names", says)
        if self._texts.due(texts):
            says = f"{self._texts.count:,} failures so far are counted without their text"
            self._explain(ERRORS_EVENT, self._failures, "failures", says)
        return replace(part, endpoints=endpoints, failures=failures)

    def _failure(self, failure: FailureCount) -> FailureCount:
        request_type, name = failure.request_type, failure.name
        if self._names.fold((name, request_type)) == OTHER_ENDPOINT:
            name, request_type = OTHER_ENDPOINT
        key = request_type, name, failure.error, failure.text
        request_type, name, error, text = self._failures.fold(key)
        return replace(failure, request_type=request_type, name=name, error=error, text=text)

    def _explain(self, kind: str, kept: Names | Failures, what: str, says: str) -> None:
        """An event whose message ends, after its first colon, in what those have in common."""
        family = kept.family()
        common = f"the first {len(kept):,} {what} have no pattern in common"
        if family is not None:
            common = (
                f"{family.size:,} of the first {len(kept):,} {what} "
                f"are of the pattern {family.pattern}"
            )
        self._tell(kind, family.pattern if family else OTHER, f"{says}: {common}")
