"""Reads ``latency.hlog``: by tag, and of a long log no more than is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.latency import LatencyLog
from reli_analysis.latency_rows import HeldRows
from reli_analysis.readers.framed_rows import FramedRows
from reli_analysis.readers.frames import read_frames
from reli_analysis.readers.log_rows import rows_by_tag
from reli_analysis.readers.problems import Problems
from reli_analysis.record.layout import LATENCY_SUMS_HLOG

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Damage


def read_interval_log(path: Path) -> tuple[LatencyLog, tuple[Damage, ...]]:
    """The log, and what of it could not be used; raises ``OSError`` as the disk does.

    Where the sums of its rows lie beside it, only the rows without a sum are read here.
    """
    problems = Problems(path.name)
    size = path.stat().st_size
    frames = read_frames(path.with_name(LATENCY_SUMS_HLOG))
    if frames:
        return LatencyLog(FramedRows(path, frames, problems)), problems.damage()
    return LatencyLog(HeldRows(rows_by_tag(path, 0, size, problems))), problems.damage()
