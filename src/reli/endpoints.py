"""All endpoints of one interval in columns: how they travel, and how they are merged.

A thousand load processes report a hundred endpoints each second. An object for each of these would
keep a core busy; in columns what is done for each is a dict look-up, and numpy does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reli.counts import EMPTY_COUNTS, Counts, counts_from_wire, counts_to_wire, sum_counts
from reli.stats import EndpointInterval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from reli.folding import EndpointKey


@dataclass(frozen=True, eq=False)
class Endpoints:
    """The endpoints that ``keys`` (name, type of request) name; one may be there more than once.

    ``totals`` has a row each: requests, failures, response bytes. ``buckets`` holds the histograms
    one after the other, and ``ends`` where each ends.
    """

    keys: Sequence[EndpointKey]
    totals: NDArray[np.int64]
    ends: NDArray[np.int64]
    buckets: Counts

    @classmethod
    def of(cls, endpoints: Iterable[EndpointInterval]) -> Endpoints:
        """The same endpoints in columns."""
        if isinstance(endpoints, Endpoints):
            return endpoints
        rows = list(endpoints)
        totals = [(row.requests, row.failures, row.response_bytes) for row in rows]
        return cls(
            [(row.name, row.request_type) for row in rows],
            np.array(totals, np.int64).reshape(-1, 3),
            np.cumsum([len(row.counts[0]) for row in rows], dtype=np.int64),
            _one_after_the_other([row.counts for row in rows]),
        )

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[EndpointInterval]:
        indexes, counts = self.buckets
        begin = 0
        columns = zip(self.keys, self.totals.tolist(), self.ends.tolist(), strict=True)
        for (name, request_type), (requests, failures, response_bytes), end in columns:
            mine = indexes[begin:end], counts[begin:end]
            yield EndpointInterval(request_type, name, requests, failures, response_bytes, mine)
            begin = end

    def renamed(self, rename: Callable[[EndpointKey], EndpointKey]) -> Endpoints:
        """The same endpoints under other keys."""
        return replace(self, keys=[rename(key) for key in self.keys])

    def requests_of(self, name: str) -> int:
        """How many requests the endpoints of a name count together."""
        mine = [at for at, (each, _type) in enumerate(self.keys) if each == name]
        return int(self.totals[mine, 0].sum())

    def to_wire(self) -> list[Any]:
        """Lists of strings, and little-endian bytes whatever the host."""
        return [
            [name for name, _type in self.keys],
            [request_type for _name, request_type in self.keys],
            self.totals.astype("<i8").tobytes(),
            self.ends.astype("<i8").tobytes(),
            *counts_to_wire(self.buckets),
        ]

    @classmethod
    def from_wire(cls, data: Sequence[Any]) -> Endpoints:
        """What :meth:`to_wire` made."""
        names, types, totals, ends, *buckets = data
        return cls(
            list(zip(names, types, strict=True)),
            np.frombuffer(totals, "<i8").reshape(-1, 3),
            np.frombuffer(ends, "<i8"),
            counts_from_wire(buckets),
        )


def merge_tables(tables: Sequence[Endpoints]) -> Endpoints:
    """The sum of all tables, endpoint by endpoint; histograms merge without loss."""
    places: dict[EndpointKey, int] = {}
    for table in tables:
        for key in table.keys:
            places.setdefault(key, len(places))
    if not places:
        return Endpoints.of(())
    # Names are bounded (reli.folding); numpy sorts numbers of 16 bits in linear time.
    place = np.array([places[key] for table in tables for key in table.keys], np.uint16)
    totals = np.zeros((len(places), 3), np.int64)
    np.add.at(totals, place, np.concatenate([table.totals for table in tables]))
    lengths = np.concatenate([np.diff(table.ends, prepend=0) for table in tables])
    owners = np.repeat(place, lengths)
    order = np.argsort(owners, kind="stable")
    indexes, counts = _one_after_the_other([table.buckets for table in tables])
    indexes, counts = indexes[order], counts[order]
    ends = np.cumsum(np.bincount(owners, minlength=len(places))).tolist()
    begins = [0, *ends[:-1]]
    merged = [
        sum_counts(indexes[begin:end], counts[begin:end])
        for begin, end in zip(begins, ends, strict=True)
    ]
    filled = np.cumsum([len(each[0]) for each in merged], dtype=np.int64)
    return Endpoints(list(places), totals, filled, _one_after_the_other(merged))


def _one_after_the_other(parts: Sequence[Counts]) -> Counts:
    if not parts:
        return EMPTY_COUNTS
    indexes, counts = zip(*parts, strict=True)
    return np.concatenate(indexes), np.concatenate(counts)
