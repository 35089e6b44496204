"""One batch of requests, as every format hands them over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.request_log.tally import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Labels:
    """A text for each row: ``codes`` are positions in ``texts``."""

    texts: Sequence[str]
    codes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.codes)

    def each(self) -> list[str]:
        """One text a row."""
        return [self.texts[code] for code in self.codes.tolist()]

    def where(self, holds: Callable[[str], bool]) -> NDArray[np.bool_]:
        """The rows whose text fulfils a condition, which is asked once a text."""
        return np.array([holds(text) for text in self.texts], bool)[self.codes]

    def map(self, change: Callable[[str], str]) -> Labels:
        """The same rows with every text changed."""
        return Labels([change(text) for text in self.texts], self.codes)

    def chosen(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Labels:
        """Some of the rows, or all in another order."""
        return Labels(self.texts, self.codes[rows])

    def joined(self, other: Labels) -> Labels:
        """Both texts of each row with a blank between them."""
        width = max(1, len(other.texts))
        both = self.codes * width + other.codes
        pairs = counted(both)[0]
        first, second = np.divmod(pairs, width)
        known: dict[str, int] = {}
        place = [
            known.setdefault(f"{self.texts[a]} {other.texts[b]}", len(known))
            for a, b in zip(first.tolist(), second.tolist(), strict=True)
        ]
        return Labels(list(known), np.array(place, np.int64)[np.searchsorted(pairs, both)])

    @classmethod
    def of(cls, cells: Sequence[str]) -> Labels:
        """The labels of cells as they stand in a row each."""
        known: dict[str, int] = {}
        codes = np.array([known.setdefault(cell, len(known)) for cell in cells], np.int64)
        return cls(list(known), codes)

    @classmethod
    def all_alike(cls, text: str, rows: int) -> Labels:
        return cls([text], np.zeros(rows, np.int64))


@dataclass(frozen=True)
class Requests:
    """Requests of one batch, arrays of one length.

    ``moments_s`` are seconds since 1970 or since anything (NaN where unknown), ``latency_ms`` is
    NaN for a request without an answer, ``endpoints`` are ``"TYPE NAME"``, ``errors`` tell the
    failures apart. ``parts`` marks rows that others contain (``None`` for none): they count for
    their endpoint and not for all requests. ``gauges`` are what a log tells besides.
    """

    moments_s: NDArray[np.float64]
    latency_ms: NDArray[np.float64]
    endpoints: Labels
    failed: NDArray[np.bool_]
    errors: Labels
    parts: NDArray[np.bool_] | None = None
    gauges: tuple[Gauge, ...] = ()

    def __len__(self) -> int:
        return len(self.moments_s)


@dataclass(frozen=True)
class Gauge:
    """A column of ``results.csv`` beside the requests: a level, or (``summed``) a count.

    An interval has the highest level of its moments, or the sum of its counts.
    """

    name: str
    moments_s: NDArray[np.float64]
    values: NDArray[np.float64]
    summed: bool = False
