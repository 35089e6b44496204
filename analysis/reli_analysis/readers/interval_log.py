"""Reads ``latency.hlog`` into rows by tag; their histograms stay encoded."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.latency import LatencyLog, TagRows
from reli_analysis.readers.problems import Problems
from reli_analysis.record.hlog import HlogRow, parse_row

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Damage


def read_interval_log(path: Path) -> tuple[LatencyLog, tuple[Damage, ...]]:
    """The log, and what of it could not be used; raises ``OSError`` as the disk does."""
    problems = Problems(path.name)
    rows: dict[str, list[HlogRow]] = defaultdict(list)
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                problems.add("torn", "the last line was cut off and is left out")
                continue
            try:
                row = parse_row(line.decode("ascii"))
            except (RecordError, UnicodeDecodeError):
                problems.add("row", f"line {number} is not a row of an interval log")
                continue
            if row is None:
                continue
            if math.isfinite(row.start_s) and 0 < row.length_s < math.inf:
                rows[row.tag].append(row)
            else:
                problems.add("time", f"line {number} has no time or no length; it is left out")
    return LatencyLog({tag: _columns(of_tag) for tag, of_tag in rows.items()}), problems.damage()


def _columns(rows: list[HlogRow]) -> TagRows:
    return TagRows(
        np.array([row.start_s for row in rows]),
        np.array([row.length_s for row in rows]),
        [row.payload for row in rows],
    )
