"""Reads a compressed HdrHistogram (encoding V2) of any precision and range."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import RecordError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_BYTES = 16 << 20


@dataclass(frozen=True)
class Counts:
    """The middles of the filled buckets in the log's own unit, ascending, and their counts."""

    values: NDArray[np.float64]
    counts: NDArray[np.int64]
    highest: float
    digits: int


def counts_of(payload: str) -> Counts:
    """Decode with HdrHistogram's own library; raises ``RecordError`` when it cannot be."""
    _refuse_bombs(payload)
    from hdrh.histogram import HdrHistogram  # noqa: PLC0415 -- few inputs need it

    try:
        histogram = HdrHistogram.decode(payload)
        counts = np.array(histogram.counts, np.int64)
    except Exception as error:  # noqa: BLE001 -- the library raises whatever its steps raise
        raise RecordError(f"a histogram cannot be decoded ({type(error).__name__})") from None
    index = np.flatnonzero(counts)
    half_bits = histogram.sub_bucket_half_count_magnitude
    half = 1 << half_bits
    bucket = (index >> half_bits) - 1
    sub = (index & (half - 1)) + half
    sub = np.where(bucket < 0, sub - half, sub)
    shift = np.maximum(bucket, 0) + histogram.unit_magnitude
    lowest, width = sub << shift, np.left_shift(1, shift)
    values = lowest + (width - 1) / 2
    highest = float(lowest[-1] + width[-1] - 1) if len(index) else 0.0
    return Counts(values, counts[index], highest, int(histogram.significant_figures))


def _refuse_bombs(payload: str) -> None:
    """Raise ``RecordError`` for what is not compressed or would not fit a histogram's memory."""
    try:
        raw = base64.b64decode(payload, validate=True)
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(raw[8:], _MOST_BYTES)
        _cookie, size, _offset, digits, lowest, highest = struct.unpack_from(">IIIIQQ", data)
    except (binascii.Error, zlib.error, struct.error, ValueError) as error:
        raise RecordError(f"a histogram cannot be decoded ({error})") from None
    if unpacker.unconsumed_tail or not 0 <= digits <= 5 or size > _MOST_BYTES:
        raise RecordError("a histogram is larger than any that is used")
    if not 1 <= lowest <= highest // 2 or highest >= 1 << 62:
        raise RecordError("a histogram has an impossible range")
