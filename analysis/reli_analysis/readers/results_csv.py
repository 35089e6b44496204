"""Our ``results.csv`` on its own, without the record around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS
from reli_analysis.readers.results import read_results
from reli_analysis.record.layout import RESULTS_COLUMNS
from reli_analysis.series import Run

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.readers.base import Guide

_OURS = frozenset(column.name for column in RESULTS_COLUMNS)
_LESS = (
    "results.csv on its own holds percentiles of single intervals only; "
    "name the run directory for exact percentiles, endpoints and events"
)


class ResultsCsv:
    """Recognised by its header: most of the columns that we write are there."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        names = head.partition(b"\n")[0].decode("utf-8", "replace").strip().split(",")
        return 2 * len(_OURS.intersection(names)) > len(_OURS)

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
        results = read_results(path)
        if not len(results):
            raise InputError(f"{path} has a header but no complete row")
        return Run(
            title=path.name,
            path=path,
            series=results.series,
            windows=results.windows,
            damage=results.damage,
            notes=(_LESS,),
            interval_s=results.interval_s,
        )


READERS.register("results.csv", ResultsCsv())
