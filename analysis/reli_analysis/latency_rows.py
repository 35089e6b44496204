"""Where the rows of an interval log come from: all of them at hand, or read as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reli_analysis.payloads import Payloads
from reli_analysis.selection import inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reli_analysis.selection import Spans


@dataclass(frozen=True)
class TagRows:
    """The rows of one tag in any order, their histograms not yet decoded."""

    start_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    payloads: Sequence[str]

    def within(self, spans: Spans) -> TagRows:
        """Those that begin in one of the spans."""
        return self.at(np.flatnonzero(inside(self.start_s, spans)))

    def at(self, places: NDArray[np.int64]) -> TagRows:
        """Some of the rows."""
        of = self.payloads
        payloads: Sequence[str] = (
            of.only(places) if isinstance(of, Payloads) else [of[at] for at in places.tolist()]
        )
        return TagRows(self.start_s[places], self.length_s[places], payloads)


class Rows(Protocol):
    """The rows of a log."""

    def tags(self) -> Sequence[str]:
        """The tags that have rows."""

    def within(self, tags: Sequence[str], spans: Spans) -> list[TagRows]:
        """The rows of these tags that begin in one of the spans."""

    def summed(self, tags: Sequence[str], spans: Spans) -> list[TagRows]:
        """Rows whose histograms add up to those of ``within``; as few as there are such."""

    def longest_s(self, tags: Sequence[str]) -> float:
        """The longest interval of a row of these tags; 0 without rows."""


class HeldRows:
    """Rows that are all at hand."""

    def __init__(self, rows: Mapping[str, TagRows]) -> None:
        self._rows = dict(rows)

    def tags(self) -> Sequence[str]:
        return sorted(self._rows)

    def within(self, tags: Sequence[str], spans: Spans) -> list[TagRows]:
        return [self._rows[tag].within(spans) for tag in tags if tag in self._rows]

    def summed(self, tags: Sequence[str], spans: Spans) -> list[TagRows]:
        return self.within(tags, spans)

    def longest_s(self, tags: Sequence[str]) -> float:
        lengths = [self._rows[tag].length_s for tag in tags if tag in self._rows]
        return max((float(length.max()) for length in lengths if len(length)), default=0.0)
