"""The metrics that every client library of Prometheus publishes of its own process."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.source import Reading
from reli_analysis.record.layout import PROCESS, TREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.sampling.prometheus_page import Family

_STARTED = "process_start_time_seconds"
_COLUMNS = {
    "process_resident_memory_bytes": "rss_bytes",
    "process_open_fds": "fds",
    "process_max_fds": "fds_limit",
    "process_cpu_seconds_total": "cpu_s",
}
PROCESS_METRICS = (*_COLUMNS, _STARTED)
_SAME_START_S = 1.0
"""Some libraries work the start out anew each time, and come to a slightly different one."""


@dataclass(frozen=True)
class Looked:
    """One look at the process: as a process and as a tree, or nothing; and whether it is a new one."""

    readings: tuple[Reading, ...] = ()
    restarted: bool = False


class ProcessMetrics:
    """Follows one process through its restarts."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._segment = 0
        self._started_s = 0.0
        self._cpu_s = 0.0

    def read(self, families: Mapping[str, Family], elapsed_s: float) -> Looked:
        """What a page says that was scraped at this moment of the run."""
        found = {metric: _value(families.get(metric)) for metric in PROCESS_METRICS}
        values = {
            column: value
            for metric, column in _COLUMNS.items()
            if (value := found[metric]) is not None
        }
        if not values:
            return Looked()
        if values.get("fds_limit", 0) > 0 and "fds" in values:
            values["fds_ratio"] = values["fds"] / values["fds_limit"]
        restarted = self._is_new(found[_STARTED] or 0.0, values.get("cpu_s"))
        readings = tuple(
            Reading(
                kind,
                self._name,
                values,
                started_s=self._started_s,
                segment=self._segment,
                elapsed_s=elapsed_s,
            )
            for kind in (PROCESS, TREE)
        )
        return Looked(readings, restarted)

    def _is_new(self, started_s: float, cpu_s: float | None) -> bool:
        """Whether another process answers than the last time; CPU time never falls within one."""
        before_s, used_s = self._started_s, self._cpu_s
        self._cpu_s = used_s if cpu_s is None else cpu_s
        if started_s and before_s:
            is_new = abs(started_s - before_s) > _SAME_START_S
        else:
            is_new = cpu_s is not None and cpu_s < used_s
        if is_new or not before_s:
            self._started_s = started_s
        self._segment += is_new
        return is_new


def _value(family: Family | None) -> float | None:
    """The one sample of a metric; of several processes none can be told from another."""
    if family is None or len(family.samples) != 1:
        return None
    value = family.samples[0].value
    return value if math.isfinite(value) else None
