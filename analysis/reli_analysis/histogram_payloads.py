"""Encodes many rows of an interval log at once: the inverse of ``histogram_rows``."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.record.hlog import compress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_LEVEL = 1  # a third of the time of the usual level, and a tenth more to keep
_AT_ONCE = 1 << 16
_GAP_BYTES = 3


def encode_rows(
    row: NDArray[np.int64], bucket: NDArray[np.int64], count: NDArray[np.int64]
) -> list[str]:
    """The payloads of rows 0, 1, ..., as ``hlog.encode`` would write them up to compression.

    The three arrays have one length: every count is positive, ``row`` ascends without gaps from 0,
    and ``bucket`` ascends within a row.
    """
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    return [
        payload
        for first, end in _parts(begins, len(row))
        for payload in _payloads(
            begins[(begins >= first) & (begins < end)] - first, bucket[first:end], count[first:end]
        )
    ]


def _parts(begins: NDArray[np.int64], total: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole rows with some ten thousand counts each, which fit a core's cache."""
    cuts = np.unique(np.searchsorted(begins, np.arange(0, total, _AT_ONCE)))
    yield from itertools.pairwise([*begins[cuts[cuts < len(begins)]].tolist(), total])


def _payloads(
    begins: NDArray[np.int64], bucket: NDArray[np.int64], count: NDArray[np.int64]
) -> list[str]:
    """The same of some rows, each given by the position of its first count."""
    gap = np.diff(bucket, prepend=-1) - 1
    gap[begins] = bucket[begins]
    # A gap is written as a negative number before the count, and not at all where there is none.
    gaps, gap_bytes = _varints(np.where(gap > 0, 2 * gap - 1, 0), _GAP_BYTES)
    counts, count_bytes = _varints(2 * count, -(-int(2 * count.max()).bit_length() // 7))
    gap_bytes[:, 0] = gap > 0
    data = np.hstack((gaps, counts))[kept := np.hstack((gap_bytes, count_bytes))].tobytes()
    ends = np.cumsum(kept.sum(axis=1))
    cuts = [0, *ends[begins[1:] - 1].tolist(), len(data)]
    return [compress(data[a:b], _LEVEL) for a, b in itertools.pairwise(cuts)]


def _varints(
    numbers: NDArray[np.int64], longest: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """LEB128: a row of ``longest`` bytes a number, and which of them are written."""
    data = np.empty((len(numbers), longest), np.uint8)
    written = np.empty((len(numbers), longest), bool)
    for byte in range(longest):
        rest = numbers >> (7 * byte)
        data[:, byte] = (rest & 0x7F) | np.where(rest > 0x7F, 0x80, 0)
        written[:, byte] = rest > 0
    written[:, 0] = True
    return data, written
