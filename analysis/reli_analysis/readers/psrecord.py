"""The log of psrecord: CPU and memory of a process, as columns between blanks or as CSV."""

from __future__ import annotations

import itertools
from typing import IO, TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.dialect import sniff
from reli_analysis.readers.generic_csv import EVERYTHING_IS_STEADY, in_order, read_columns
from reli_analysis.readers.number_chunks import MAX_CELLS
from reli_analysis.readers.problems import LARGEST, Problems, without_absurd
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_PLAIN = b"# Elapsed time"
_CSV = b"elapsed_time,nproc,cpu,mem_real,mem_virtual"
_MEBIBYTE = 2.0**20
_OURS = {
    "cpu": ("cpu_cores", "cores", 0.01),
    "mem_real": ("rss_bytes", "bytes", _MEBIBYTE),
    "mem_virtual": ("virtual_bytes", "bytes", _MEBIBYTE),
    "nproc": ("processes", "count", 1.0),
    "read_count": ("io_reads", "count", 1.0),
    "write_count": ("io_writes", "count", 1.0),
    "read_bytes": ("io_read_bytes", "bytes", 1.0),
    "write_bytes": ("io_written_bytes", "bytes", 1.0),
}
_COLUMNS = ("cpu", "mem_real", "mem_virtual", "read_count", "write_count", "read_bytes",
            "write_bytes")  # fmt: skip
_LINES_AT_ONCE = 50_000
NOTE = (
    "psrecord's log: time is seconds since it began; 100 % of CPU is one core, its MB are mebibytes; "
    "what it counts is one process, or with --include-children all below it"
)


class PsRecord:
    """Recognised by its first line."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return head.startswith((_PLAIN, _CSV))

    def read(self, path: Path, guide: Guide) -> Run:
        problems = Problems(path.name)
        with path.open("rb") as file:
            head = file.read(1 << 16)
            if head.startswith(_CSV):
                dialect = sniff(str(path), head, "elapsed_time")
                elapsed_s, columns = read_columns(path, dialect, problems, guide)
            else:
                file.seek(0)
                elapsed_s, columns = _plain(file, problems)
        if not len(elapsed_s):
            raise InputError(f"{path} has a header but no rows")
        order = in_order(elapsed_s, problems)
        elapsed_s = elapsed_s[order]
        steps = np.diff(elapsed_s)
        return Run(
            title=path.name,
            path=path,
            series=_series(elapsed_s, order, columns, problems),
            damage=problems.damage(),
            notes=(NOTE, EVERYTHING_IS_STEADY),
            interval_s=float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0,
        )


def _series(
    elapsed_s: NDArray[np.float64],
    order: NDArray[np.int64],
    columns: Mapping[str, NDArray[np.float64]],
    problems: Problems,
) -> dict[str, Series]:
    found = {}
    for theirs, values in columns.items():
        if theirs in _OURS:
            name, unit, factor = _OURS[theirs]
            measured = without_absurd(values[order], theirs, problems) * factor
            found[name] = Series(name, unit, elapsed_s, np.where(measured < 0, np.nan, measured))
    return found


def _plain(
    file: IO[bytes], problems: Problems
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Times and columns of the form with blanks; lines that are not of it are told."""
    file.readline()
    blocks: list[NDArray[np.float64]] = [np.empty((0, 4))]
    width = number = 1
    while lines := list(itertools.islice(file, _LINES_AT_ONCE)):
        rows = []
        for line in lines:
            number += 1
            row = _numbers(line)
            width = width if width > 1 else len(row)
            if row and len(row) == width:
                rows.append(row)
            elif line.strip():
                problems.add("row", f"line {number} is not a row of numbers; it is left out")
        if rows:
            blocks.append(np.array(rows))
        if number * width > MAX_CELLS:
            raise InputError(f"{file.name} holds more than {MAX_CELLS:,} numbers; keep fewer rows")
    table = np.concatenate([block for block in blocks if len(block)] or blocks)
    return table[:, 0], dict(zip(_COLUMNS, table.T[1:], strict=False))


def _numbers(line: bytes) -> list[float]:
    """The numbers of one whole line; none when it is broken."""
    try:
        row = [float(cell) for cell in line.split()]
    except ValueError:
        return []
    timed = line.endswith(b"\n") and len(row) >= 4 and 0 <= row[0] < LARGEST
    return row if timed else []


READERS.register("psrecord", PsRecord())
