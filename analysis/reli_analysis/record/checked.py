"""Reads ``run.json`` of whoever wrote it: what is computed with must be of its type."""

from __future__ import annotations

import math
import stat
from typing import TYPE_CHECKING, Any

from reli_analysis.errors import RecordError
from reli_analysis.record.layout import (
    CSV_FILES,
    LATENCY_HLOG,
    LATENCY_SUMS_HLOG,
    RUN_JSON,
    VERDICT_JSON,
)
from reli_analysis.record.run import METRIC_KINDS, read_run_info

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.record.run import RunInfo

_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_checked_info(directory: Path) -> RunInfo:
    """Read ``run.json``; raises ``RecordError`` naming the field that cannot be used.

    Also for a file of the record in whose place is something that cannot be read to an end.
    """
    for name in (RUN_JSON, LATENCY_HLOG, LATENCY_SUMS_HLOG, VERDICT_JSON, *CSV_FILES):
        _refuse_special(directory / name)
    info = read_run_info(directory)
    where = str(directory / RUN_JSON)
    _check_numbers(info, where)
    for metric in info.metrics:
        texts = (metric.name, metric.unit, metric.numerator, metric.denominator)
        if metric.kind not in METRIC_KINDS or not all(isinstance(text, str) for text in texts):
            raise RecordError(f'{where}: the metric "{metric.name}" is not one of reli\'s')
    for name in ("profile", "versions", "host", "recorder"):
        if not isinstance(getattr(info, name), dict):
            raise RecordError(f"{where}: {name} must be an object")
    for name in ("run_id", "profile_name", "state", "state_reason"):
        if not isinstance(getattr(info, name), str):
            raise RecordError(f"{where}: {name} must be a text")
    return info


def _check_numbers(info: RunInfo, where: str) -> None:
    _check_number(info.interval_s, f"{where}: interval_s", above=0)
    _check_number(info.started_wall_s, f"{where}: started_wall_s")
    _check_number(info.time_scale, f"{where}: time_scale", above=0)
    if info.planned_s is not None:
        _check_number(info.planned_s, f"{where}: planned_s")
    for stage in info.stages:
        for value in (stage.start_s, stage.end_s, stage.from_level, stage.to_level):
            _check_number(value, f'{where}: a time or level of the stage "{stage.name}"')


def _refuse_special(path: Path) -> None:
    """Raise for a pipe, a socket or a device: opening or reading it may never come to an end."""
    try:
        mode = path.stat().st_mode
    except OSError:  # whoever reads it tells
        return
    for is_special, what in _SPECIAL:
        if is_special(mode):
            raise RecordError(f"{path} is {what}, where a record has a file; put the file there")


def _check_number(value: Any, what: str, above: float = -math.inf) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value <= above:
        raise RecordError(f"{what} must be a number" + (f" above {above:g}" if above == 0 else ""))
