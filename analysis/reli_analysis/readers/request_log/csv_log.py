"""How a request log is written as CSV, and the reading of one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.dialect import DELIMITERS, MAX_COLUMNS
from reli_analysis.readers.request_log.arrow import Left, csv_batches, end_of_lines
from reli_analysis.readers.request_log.reading import run_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from reli_analysis.readers.base import Progress
    from reli_analysis.readers.request_log.arrow import Columns
    from reli_analysis.readers.request_log.batch import Requests
    from reli_analysis.series import Run

STEADY_NOTE = "there are no windows, so the whole file counts as steady"
_TAIL_BYTES = 1 << 16
_HEAD_BYTES = 1 << 20


@dataclass(frozen=True)
class CsvLog:
    """What is read of a format: its columns of texts, of numbers, and that of the time.

    ``columns`` are those of a format without a header; ``per_s`` how many of its units of time a
    second has. A time that is a text (a date) is among ``texts``.
    """

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    time: str
    columns: tuple[str, ...] = ()
    per_s: float = 1.0

    @staticmethod
    def header(head: bytes) -> tuple[str, tuple[str, ...]]:
        """The delimiter and the names in the first line."""
        line = head.partition(b"\n")[0].decode("utf-8-sig", "replace").rstrip("\r")
        delimiter = max(DELIMITERS, key=line.count)
        try:
            return delimiter, tuple(next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error:
            return delimiter, ()

    @staticmethod
    def has_columns(head: bytes, needed: Sequence[str]) -> bool:
        """Whether a header names all of these columns."""
        return set(needed) <= set(CsvLog.header(head)[1])


def header_of(path: Path) -> tuple[str, tuple[str, ...], bytes]:
    """The delimiter, the names of the columns, and what follows them of the file's beginning.

    Raises ``InputError`` where they are too many.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if b"\n" not in head and len(head) == _HEAD_BYTES:
        raise InputError(f"{path}, line 1: longer than a mebibyte; this is not a table")
    delimiter, columns = CsvLog.header(head)
    if len(columns) > MAX_COLUMNS:
        raise InputError(
            f"{path} has {len(columns):,} columns; at most {MAX_COLUMNS:,} are read: "
            "keep the ones that are to be judged"
        )
    return delimiter, columns, head.partition(b"\n")[2]


def first_row(path: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """The names of the columns, and the first row's cells by name."""
    delimiter, columns, rest = header_of(path)
    second = rest.partition(b"\n")[0].decode("utf-8", "replace")
    try:
        row = next(csv.reader([second.rstrip("\r")], delimiter=delimiter), [])
    except csv.Error:
        row = []
    return columns, dict(zip(columns, row, strict=False))


def read_log(
    path: Path,
    log: CsvLog,
    requests: Callable[[Columns], Requests],
    notes: Sequence[str],
    progress: Progress,
) -> Run:
    """Read a log in batches; raises ``InputError`` when it is none or nothing can be used."""
    delimiter, columns = (",", log.columns) if log.columns else header_of(path)[:2]
    for name in (*log.texts, *log.numbers):
        if columns.count(name) > 1:
            raise InputError(f'{path}, line 1: the column "{name}" appears twice')
    left = Left()
    batches = csv_batches(
        path,
        columns=columns,
        header=not log.columns,
        delimiter=delimiter,
        wanted=log.texts,
        numbers=log.numbers,
        left=left,
        progress=progress,
    )
    last_s = last_number(path, columns, delimiter, log.time) / log.per_s
    return run_of(path, map(requests, batches), last_s=last_s, notes=notes, left=left)


def last_number(path: Path, columns: Sequence[str], delimiter: str, name: str) -> float:
    """The number in a column of the last whole row; NaN when there is none."""
    with path.open("rb") as file:
        end = end_of_lines(file, len(columns), delimiter.encode())
        file.seek(max(0, end - _TAIL_BYTES))
        lines = file.read(min(end, _TAIL_BYTES)).decode("utf-8", "replace").splitlines()
    try:
        row = next(csv.reader(lines[-1:], delimiter=delimiter), [])
        return float(row[columns.index(name)])
    except (csv.Error, ValueError, IndexError):
        return np.nan
