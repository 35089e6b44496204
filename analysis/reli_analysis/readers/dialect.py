"""How a foreign CSV file is written: its delimiter, its columns, where its time is."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from reli_analysis.errors import InputError
from reli_analysis.registry import nearest
from reli_analysis.visible import one_line

MAX_COLUMNS = 2000
DELIMITERS = ",;\t|"
_SAMPLE_LINES = 200

TIME_COLUMNS = (
    "elapsed_s",
    "timestamp",
    "timestamp_s",
    "timestamp_ms",
    "datetime",
    "time",
    "time_s",
    "time_ms",
    "wall_s",
    "epoch",
    "ts",
    "date",
    "elapsed",
    "elapsed_ms",
)
"""Names of a time column, whatever their case; of several, the first in this list counts."""


MISSING = frozenset({"-", "--", "–", "na", "n/a", "#n/a", "nan", "null", "nil", "none"})
"""What writers put where they measured nothing, whatever its case."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """``sample`` holds the fields of the first rows below the header."""

    delimiter: str
    columns: tuple[str, ...]
    time_at: int
    sample: tuple[tuple[str, ...], ...]

    def looks_numeric(self, at: int) -> bool:
        """Whether at least half of the sample's filled cells of a column are numbers."""
        cells = (row[at].strip() for row in self.sample if len(row) == len(self.columns))
        filled = [cell for cell in cells if cell and cell.casefold() not in MISSING]
        return 2 * sum(_NUMBER.fullmatch(cell) is not None for cell in filled) >= len(filled)


def _rows(lines: list[str], delimiter: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:  # a field longer than csv allows, or a stray quote
        return []


def _delimiter(lines: list[str]) -> str:
    """The one that gives the header the most fields, and the following rows as many."""

    def fit(delimiter: str) -> tuple[float, int]:
        rows = _rows(lines, delimiter)
        width = len(rows[0]) if rows else 0
        alike = sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0
        return round(alike, 1), width

    return max(DELIMITERS, key=fit)


def sniff(where: str, head: bytes, time: str = "") -> Dialect:
    """Find out from a file's beginning; raises ``InputError`` naming what is needed.

    ``time`` is the name of the time column where the user says it.
    """
    text = head.decode("utf-8-sig", "replace")
    lines = io.StringIO(text, newline=None).read().split("\n")[: _SAMPLE_LINES + 1]
    lines = [f"{line}\n" for line in lines if line.strip()]
    delimiter = _delimiter(lines[:20])
    rows = _rows(lines, delimiter) or _rows(lines[:1], delimiter)
    if not rows:
        raise InputError(f"{where}, line 1: not the names of columns")
    columns = tuple(" ".join(name.split()) for name in rows[0])
    if len(columns) > MAX_COLUMNS:
        raise InputError(
            f"{where} has {len(columns):,} columns; at most {MAX_COLUMNS:,} are read: "
            "keep the ones that are to be judged"
        )
    for at, name in enumerate(columns):
        if name and name in columns[:at]:
            first = columns.index(name) + 1
            raise InputError(f'{where}, line 1: columns {first} and {at + 1} are both "{name}"')
    sample = tuple(tuple(row) for row in rows[1:])
    return Dialect(delimiter, columns, _time_at(where, columns, time), sample)


def _time_at(where: str, columns: tuple[str, ...], time: str) -> int:
    if time:
        if time in columns:
            return columns.index(time)
        hint = nearest(time[:80], [name for name in columns if name])
        raise InputError(f'{where}, line 1: there is no column "{one_line(time[:80])}"{hint}')
    names = [name.casefold() for name in columns]
    for known in TIME_COLUMNS:
        if known in names:
            return names.index(known)
    found = ", ".join(f'"{name[:40]}"' for name in columns[:6]) + (", ..." if columns[6:] else "")
    raise InputError(
        f"{where}, line 1: no time column among {found}; name one of the columns "
        f"{', '.join(TIME_COLUMNS[:7])}, or say which it is with --time NAME"
    )
