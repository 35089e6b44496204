"""The lines of a CSV file of a record, some at a time; what is damaged is left out and told.

A row of a record is one line (see ``record.csvfile``), so a damaged line spoils no other.
"""

from __future__ import annotations

import csv
import itertools
from typing import IO, TYPE_CHECKING

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.readers.problems import Problems, without_absurd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_BLOCK_LINES = 1024
"""So many lines, taken apart, stay in a core's cache: larger blocks take twice as long."""
_LONGEST_HEADER = 1 << 20
TIME = "elapsed_s"
LONGEST_S = 1e9
"""Thirty years; a row of a record that claims to lie beyond has a damaged time."""


def header_of(file: IO[bytes], path: Path, needed: Sequence[str]) -> list[str]:
    """The names in the first line; raises ``RecordError`` unless ``needed`` are among them."""
    line = file.readline(_LONGEST_HEADER)
    if not line:
        raise RecordError(f"{path} is empty")
    fields = _fields(line)
    if fields is None or not line.endswith(b"\n"):
        raise RecordError(f"{path}, line 1: not the names of columns, separated by commas")
    for name in fields:
        if fields.count(name) > 1:
            raise RecordError(f'{path}, line 1: the column "{name}" appears twice')
    for name in needed:
        if name not in fields:
            raise RecordError(f'{path}, line 1: the column "{name}" is missing')
    return fields


def _fields(line: bytes) -> list[str] | None:
    """The fields of one line, ``None`` when it is not a line of CSV in UTF-8."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None


def rows_of(
    data: bytes, width: int, first_line: int, problems: Problems
) -> Iterator[tuple[int, list[list[str]]]]:
    """The usable rows of whole lines, some at a time, with the number of the first line of each."""
    everything = iter(data.split(b"\n")[:-1])
    while lines := list(itertools.islice(everything, _BLOCK_LINES)):
        rows = []
        for number, line in enumerate(lines, start=first_line):
            fields = _fields(line)
            if fields is None:
                problems.add("text", f"line {number} is not text and is left out")
            elif len(fields) != width:
                problems.add(
                    "width",
                    f"line {number} has {len(fields)} fields where the header has {width}; "
                    "it is left out",
                )
            else:
                rows.append(fields)
        if rows:
            yield first_line, rows
        first_line += len(lines)


def numbers_of(
    cells: Sequence[str], name: str, first_line: int, problems: Problems
) -> NDArray[np.float64]:
    """The cells as numbers; an empty one is NaN, and so is a broken one, which is told."""
    try:
        values = np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        values = np.array([_number_or_nan(cell) for cell in cells])
        missing = np.flatnonzero(np.isnan(values)).tolist()
        broken = [cells[at] for at in missing if cells[at] and cells[at].lower() != "nan"]
        problems.add(
            f"number {name}",
            f'from line {first_line} on, column {name}: "{broken[0][:40]}" is not a number',
            len(broken),
        )
    return without_absurd(values, name, problems)


def _number_or_nan(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan


def usable_times(times: NDArray[np.float64], problems: Problems) -> NDArray[np.float64]:
    """The times with NaN where there is none that could be; how many are missing is told."""
    usable = np.where(np.abs(times) <= LONGEST_S, times, np.nan)
    timeless = int(np.isnan(usable).sum())
    if timeless:
        problems.add("time", "a row without a time is left out", timeless)
    return usable
