"""The table ``record`` of a procpath database, written as CSV."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.readers.base import READERS, Column, Guide
from reli_analysis.readers.dialect import sniff
from reli_analysis.readers.generic_csv import read_columns
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.procpath_sqlite import NEEDED, NUMBERS, run_of
from reli_analysis.readers.request_log.csv_log import CsvLog

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run

_HEAD_BYTES = 1 << 20


class ProcpathCsv:
    """Recognised by the names of its columns."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return CsvLog.has_columns(head, (*NEEDED, "stat_rss"))

    def read(self, path: Path, guide: Guide) -> Run:
        problems = Problems(path.name)
        with path.open("rb") as file:
            dialect = sniff(str(path), file.read(_HEAD_BYTES), "ts")
        wanted = [
            Column(name)
            for name in NUMBERS[1:]
            if name in dialect.columns and dialect.looks_numeric(dialect.columns.index(name))
        ]
        del guide
        times, columns = read_columns(path, dialect, problems, Guide(columns=tuple(wanted)))
        names = [f"process {pid:.0f}" for pid in columns["stat_pid"].tolist()]
        run = run_of(path, names, {"ts": times, **columns}, {})
        return replace(run, damage=problems.damage())


READERS.register("procpath csv", ProcpathCsv())
