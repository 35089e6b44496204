"""Decodes many rows of an interval log at once: one pass of numpy over all their varints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.record.histogram import BUCKETS
from reli_analysis.record.hlog import decompress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LONGEST_VARINT = 9
_HIGHEST_COUNT = 1 << 53


@dataclass(frozen=True)
class DecodedRows:
    """The filled buckets of some rows: three arrays of one length, in the order of the rows.

    ``row`` is the position of the payload it came from; ``unreadable`` counts the payloads that
    could not be decoded and are left out.
    """

    row: NDArray[np.int64]
    bucket: NDArray[np.int64]
    count: NDArray[np.int64]
    unreadable: int


def _bodies(payloads: Sequence[str]) -> tuple[list[int], list[bytes], int]:
    """The varints of each payload that has some, its position, and how many are unreadable."""
    positions, bodies, unreadable = [], [], 0
    for position, payload in enumerate(payloads):
        try:
            body = decompress(payload)
        except RecordError:
            unreadable += 1
            continue
        if not body:
            continue
        if body[-1] >= 0x80:  # its last number goes on
            unreadable += 1
            continue
        positions.append(position)
        bodies.append(body)
    return positions, bodies, unreadable


def _varints(data: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each ZigZag LEB128 number and the offset of its last byte; one of too many bytes reads 2^62.

    A number's bytes hold seven bits each, the lowest first; the first byte below 0x80 ends it.
    """
    last = np.flatnonzero(data < 0x80)
    first = np.concatenate(([0], last[:-1] + 1))
    width = last - first + 1
    raw = (data[first] & 0x7F).astype(np.uint64)
    for byte in range(1, min(int(width.max()), _LONGEST_VARINT)):
        longer = np.flatnonzero(width > byte)
        raw[longer] |= (data[first[longer] + byte] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(
            7 * byte
        )
    numbers = (raw >> np.uint64(1)).astype(np.int64) ^ -(raw & np.uint64(1)).astype(np.int64)
    numbers[width > _LONGEST_VARINT] = 1 << 62
    return numbers, last


def decode_rows(payloads: Sequence[str]) -> DecodedRows:
    """The counts of many payloads, equal to ``hlog.decode`` of each."""
    positions, bodies, unreadable = _bodies(payloads)
    if not bodies:
        empty = np.empty(0, np.int64)
        return DecodedRows(empty, empty, empty, unreadable)
    numbers, last = _varints(np.frombuffer(b"".join(bodies), np.uint8))
    ends = np.cumsum([len(body) for body in bodies])
    up_to = np.searchsorted(last, ends)  # how many numbers lie before each body's end
    sizes = np.diff(up_to, prepend=0)
    body_of = np.repeat(np.arange(len(bodies)), sizes)

    # A count fills one bucket, a negative number skips that many. A broken number must not spill
    # into the next row, so a single step is bounded.
    steps = np.where(numbers < 0, np.minimum(-numbers, BUCKETS + 1), 1)
    before = np.cumsum(steps) - steps
    bucket = before - before[up_to - sizes][body_of]
    filled = np.flatnonzero(numbers > 0)
    row, bucket, count = body_of[filled], bucket[filled], numbers[filled]
    broken = (bucket >= BUCKETS) | (count > _HIGHEST_COUNT)
    bad = np.unique(row[broken])
    if len(bad):
        good = ~np.isin(row, bad)
        row, bucket, count = row[good], bucket[good], count[good]
    return DecodedRows(np.asarray(positions)[row], bucket, count, unreadable + len(bad))
