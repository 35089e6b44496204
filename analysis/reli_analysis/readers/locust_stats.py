"""Locust's ``_stats.csv``: one row an endpoint, and one of all requests, for the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.locust_csv import name_of, number, percentiles_of, quantiles_of, rows_of
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.csv_log import CsvLog
from reli_analysis.series import Endpoint, Run, Series, Stretch

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED = ("Type", "Name", "Request Count", "Failure Count", "Requests/s")
_HISTORY = "Timestamp"
_NOTES = (
    (
        "Locust's summary: one number for the whole run, its warm-up included; when anything happened is "
        "not told, and response times are rounded to two digits"
    ),
)


class LocustStats:
    """Recognised by its header."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return CsvLog.has_columns(head, _NEEDED) and not CsvLog.has_columns(head, (_HISTORY,))

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
        problems = Problems(path.name)
        rows = {name_of(row["Type"], row["Name"]): row for row in rows_of(path, problems)}
        if "" not in rows:
            raise InputError(f'{path} has no row of all requests ("Aggregated")')
        everything = rows.pop("")
        percentiles = percentiles_of(list(everything))
        requests = number(everything["Request Count"])
        failures = number(everything["Failure Count"])
        rate = number(everything["Requests/s"])
        if not (np.isfinite(requests) and np.isfinite(failures)):
            raise InputError(f'{path}: the row "Aggregated" has no counts')
        length_s = requests / rate if rate > 0 and requests > 0 else 1.0
        columns = {
            "requests": ("count", requests),
            "failures": ("count", failures),
            "completed_per_s": ("1/s", rate),
            "error_ratio": ("ratio", failures / requests if requests else np.nan),
            "mean_ms": ("ms", number(everything.get("Average Response Time", ""))),
            "max_ms": ("ms", number(everything.get("Max Response Time", ""))),
        }
        start = np.zeros(1)
        stretches = [
            _whole(name, length_s, round(count), quantiles_of(row, percentiles))
            for name, row in {"": everything, **rows}.items()
            if (count := number(row["Request Count"])) > 0
        ]
        return Run(
            title=path.name,
            path=path,
            series={
                name: Series(name, unit, start, np.array([value]))
                for name, (unit, value) in columns.items()
            },
            endpoints={
                name: Endpoint(
                    name,
                    start,
                    np.array([number(row["Request Count"])]),
                    np.array([number(row["Failure Count"])]),
                    np.array([length_s]),
                )
                for name, row in rows.items()
            },
            stretches=tuple(stretches),
            damage=problems.damage(),
            notes=_NOTES,
            interval_s=length_s,
        )


def _whole(
    name: str, length_s: float, requests: int, quantiles: dict[float, tuple[float, float]]
) -> Stretch:
    return Stretch(name, 0.0, length_s, requests, quantiles, requests, requests)


READERS.register("locust stats", LocustStats())
