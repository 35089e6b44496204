"""Reads a CSV file of a record, a block of lines at a time; what is damaged is left out and told.

A row of a record is one line (see ``record.csvfile``), so a damaged line spoils no other.
"""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.readers.problems import Problems, without_absurd
from reli_analysis.record.csvfile import original_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.series import Damage

_BLOCK_LINES = 8192
_LONGEST_HEADER = 1 << 20
TIME = "elapsed_s"
LONGEST_S = 1e9
"""Thirty years; a row of a record that claims to lie beyond has a damaged time."""


@dataclass(frozen=True)
class Table:
    """The columns of a file in order of ``elapsed_s``; a cell without a number is NaN."""

    numbers: dict[str, NDArray[np.float64]]
    texts: dict[str, list[str]]
    damage: tuple[Damage, ...]

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        return self.numbers[TIME]

    def __len__(self) -> int:
        return len(self.elapsed_s)


def read_table(
    path: Path,
    *,
    texts: Collection[str],
    needed: Sequence[str],
    only: Collection[str] = (),
    any_order: bool = False,
) -> Table:
    """Read the columns ``texts`` as text and the others (or those in ``only``) as numbers.

    Rows come back in order of time; that they were not is damage, unless ``any_order`` is right.
    Raises ``RecordError`` when nothing can be used: no header, or a column of ``needed`` missing.
    """
    problems = Problems(path.name)
    with path.open("rb") as file:
        header = _header(file, path)
        for name in needed:
            if name not in header:
                raise RecordError(f'{path}, line 1: the column "{name}" is missing')
        wanted = {*only, *texts, *needed} if only else set(header)
        words: dict[str, list[str]] = {name: [] for name in header if name in texts}
        blocks: dict[str, list[NDArray[np.float64]]] = {
            name: [np.empty(0)] for name in header if name in wanted and name not in texts
        }
        known: dict[str, str] = {}
        for first_line, rows in _blocks(file, len(header), problems):
            cells = dict(zip(header, zip(*rows, strict=True), strict=True))
            for name, values in words.items():
                values += [known.setdefault(cell, original_text(cell)) for cell in cells[name]]
            for name, parts in blocks.items():
                parts.append(_numbers(cells[name], name, first_line, problems))
    numbers = {name: np.concatenate(parts) for name, parts in blocks.items()}
    return _in_order(numbers, words, problems, any_order=any_order)


def _header(file: IO[bytes], path: Path) -> list[str]:
    line = file.readline(_LONGEST_HEADER)
    if not line:
        raise RecordError(f"{path} is empty")
    fields = _fields(line)
    if fields is None or not line.endswith(b"\n"):
        raise RecordError(f"{path}, line 1: not the names of columns, separated by commas")
    for name in fields:
        if fields.count(name) > 1:
            raise RecordError(f'{path}, line 1: the column "{name}" appears twice')
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


def _blocks(
    file: IO[bytes], width: int, problems: Problems
) -> Iterator[tuple[int, list[list[str]]]]:
    """The usable rows, some thousand at a time, with the number of the first line of each block."""
    first_line = 2
    while lines := list(itertools.islice(file, _BLOCK_LINES)):
        rows = []
        for number, line in enumerate(lines, start=first_line):
            if not line.endswith(b"\n"):
                problems.add("torn", "the last line was cut off and is left out")
                continue
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


def _numbers(
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


def _in_order(
    numbers: dict[str, NDArray[np.float64]],
    words: dict[str, list[str]],
    problems: Problems,
    *,
    any_order: bool,
) -> Table:
    """The columns with their rows in order of time; rows without a time are dropped."""
    times = np.where(np.abs(numbers[TIME]) <= LONGEST_S, numbers[TIME], np.nan)
    timeless = int(np.isnan(times).sum())
    if timeless:
        problems.add("time", "a row without a time is left out", timeless)
    elif not (np.diff(times) < 0).any():
        return Table(numbers, words, problems.damage())
    elif not any_order:
        problems.add("order", "rows go back in time; they were put in order")
    order = np.argsort(times, kind="stable")[: len(times) - timeless]
    return Table(
        {name: values[order] for name, values in numbers.items()},
        {name: [values[at] for at in order.tolist()] for name, values in words.items()},
        problems.damage(),
    )
