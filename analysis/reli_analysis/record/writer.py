"""Writes a run record. The recorder is the only process that does."""

from __future__ import annotations

import dataclasses
from typing import IO, TYPE_CHECKING, Any

from reli_analysis.record import csvfile, hlog
from reli_analysis.record.layout import CSV_FILES, LATENCY_HLOG, RESULTS_CSV
from reli_analysis.record.run import RunInfo, write_run_info

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class RecordWriter:
    """Appends to the files of one record; nothing is kept of what was written.

    Raises ``OSError`` as the disk does; the record stays readable up to the last complete line.
    """

    def __init__(self, directory: Path, info: RunInfo) -> None:
        self.directory = directory
        self.info = info
        write_run_info(directory, info)
        self._columns = {name: [c.name for c in columns] for name, columns in CSV_FILES.items()}
        self._columns[RESULTS_CSV] += [metric.name for metric in info.metrics]
        self._files: dict[str, IO[str]] = {}
        for name, columns in self._columns.items():
            self._open(name).write(",".join(columns) + "\n")
        self._open(LATENCY_HLOG).write(hlog.header(info.started_wall_s))
        self.flush()

    def _open(self, name: str) -> IO[str]:
        file = (self.directory / name).open("x", encoding="utf-8", newline="")
        self._files[name] = file
        return file

    def row(self, name: str, row: Mapping[str, Any]) -> None:
        """Append one row to a CSV file, values by column name."""
        self._files[name].write(csvfile.format_row(self._columns[name], row))

    def histogram(
        self, start_s: float, length_s: float, counts: Mapping[int, int], tag: str = ""
    ) -> None:
        """Append one histogram to the interval log; empty ones are left out."""
        if counts:
            self._files[LATENCY_HLOG].write(hlog.format_row(start_s, length_s, counts, tag))

    def flush(self) -> None:
        """Hand everything to the operating system, so that a killed recorder loses nothing."""
        for file in self._files.values():
            file.flush()

    def update(self, **changes: Any) -> None:
        """Change fields of ``run.json``."""
        self.info = dataclasses.replace(self.info, **changes)
        write_run_info(self.directory, self.info)

    def close(self) -> None:
        for file in self._files.values():
            file.close()
