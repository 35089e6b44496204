"""Locust's ``_failures.csv``: how often each error struck each endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.locust_csv import number, rows_of
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.assembled import error_class
from reli_analysis.readers.request_log.csv_log import CsvLog
from reli_analysis.series import Failure, Run, Series

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED = ("Method", "Name", "Error", "Occurrences")
_NOTES = (
    (
        "Locust's failures: how often each error struck over the whole run; how many requests there were "
        "is not told, so no ratio is known (it is in the _stats.csv beside it)"
    ),
)


class LocustFailures:
    """Recognised by its header."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return CsvLog.has_columns(head, _NEEDED)

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
        problems = Problems(path.name)
        failures = []
        for row in rows_of(path, problems):
            count = number(row["Occurrences"])
            if not np.isfinite(count):
                problems.add("count", f'"{row["Occurrences"][:40]}" is no count of occurrences')
                continue
            name = f"{row['Method']} {row['Name']}"
            failures.append(Failure(name, error_class(row["Error"]), row["Error"], round(count)))
        if not failures:
            raise InputError(
                f"{path} lists no failure, which says nothing of the requests; "
                "analyse the _stats.csv beside it"
            )
        total = np.array([float(sum(failure.count for failure in failures))])
        return Run(
            title=path.name,
            path=path,
            series={"failures": Series("failures", "count", np.zeros(1), total)},
            failures=tuple(sorted(failures, key=lambda f: (-f.count, f.endpoint, f.error))),
            damage=problems.damage(),
            notes=_NOTES,
        )


READERS.register("locust failures", LocustFailures())
