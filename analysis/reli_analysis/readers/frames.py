"""Reads ``latency-10min.hlog``: what the rows of the interval log add up to in each ten minutes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.latency_rows import TagRows
from reli_analysis.payloads import Payloads
from reli_analysis.readers.log_rows import joined, read_rows
from reli_analysis.readers.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COMPLETE = re.compile(rb"^#\[Frame: ([0-9.]+),([0-9.]+),([0-9.]+),([0-9.]+)\]$", re.MULTILINE)


@dataclass(frozen=True)
class Frames:
    """``spans`` ascend; ``rows`` are the sums by tag, each of which begins with its frame.

    ``longest_s`` is the longest row that was summed, of an endpoint and of any other tag.
    """

    spans: tuple[tuple[float, float], ...]
    rows: Mapping[str, TagRows]
    longest_endpoint_s: float
    longest_other_s: float


def read_frames(path: Path) -> Frames | None:
    """The complete frames; ``None`` without any, or when the file is not whole.

    Nothing is lost then: everything stands in the interval log, too.
    """
    try:
        text = path.read_bytes()
        said, torn = _COMPLETE.findall(text), int(not text.endswith(b"\n"))
        tags: dict[bytes, int] = {}
        problems = Problems(path.name)
        with path.open("rb") as file:
            size = path.stat().st_size
            rows = joined(tuple(read_rows(file, 0, size, tags, problems)))
    except OSError:
        return None
    told = [tuple(map(float, numbers)) for numbers in said]
    if not told or any(not math.isfinite(n) for numbers in told for n in numbers):
        return None
    if problems.count() > torn:
        return None
    spans = tuple(sorted({(start_s, end_s) for start_s, end_s, _endpoint, _other in told}))
    rows = rows.at(np.isin(rows.start_s, [start_s for start_s, _end in spans]))
    by_tag = {}
    for tag, code in tags.items():
        own = rows.at(rows.tag == code)
        payloads = Payloads(path, own.offset, own.size)
        by_tag[tag.decode("ascii")] = TagRows(own.start_s, own.length_s, payloads)
    return Frames(
        spans, by_tag, max(numbers[2] for numbers in told), max(numbers[3] for numbers in told)
    )
