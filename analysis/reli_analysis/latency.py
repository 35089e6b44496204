"""Latencies of a run at full resolution: the interval log, decoded when it is asked for."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.histogram_rows import decode_rows
from reli_analysis.record.histogram import BUCKETS, HALF, HALF_BITS
from reli_analysis.record.hlog import endpoint_of
from reli_analysis.windows import TIME_TOLERANCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

ALL_REQUESTS = ""
"""The tag of the rows that hold the response times of all requests."""

_ROWS_AT_ONCE = 1024
_SLIDING_ROWS_AT_ONCE = 256
