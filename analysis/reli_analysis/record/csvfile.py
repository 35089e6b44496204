"""CSV files that are only ever appended to and read back after a crash at any byte.

A row is one line: control characters in text become spaces, so a line break always ends a row,
and a last line without one was torn and is dropped. A text that a spreadsheet would take for a
formula is written with a leading apostrophe, which the reader takes off again.
"""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reli_analysis.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_FORMULA = ("=", "+", "-", "@")
_LONGEST_CELL = 500
_LONGEST_NAME = 100


def clean_text(text: str) -> str:
    """Text as it is written to a cell: one line, of bounded length, and never a formula."""
    line = _CONTROL.sub(" ", text).encode("utf-8", "replace").decode().strip()[:_LONGEST_CELL]
    return f"'{line}" if line.startswith((*_FORMULA, "'")) else line


def original_text(cell: str) -> str:
    """Undo the apostrophe of :func:`clean_text`."""
    return cell.removeprefix("'")


_clean_name = lru_cache(maxsize=1000)(clean_text)
"""Names stand in row after row."""


def format_cell(value: Any) -> str:
    """A number without needless digits, a cleaned text, or an empty field for ``None``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return (_clean_name if len(value) <= _LONGEST_NAME else clean_text)(value)
    if isinstance(value, float):
        return "" if math.isnan(value) else _without_needless_digits(value)
    return str(value)


def _without_needless_digits(value: float) -> str:
    return f"{value:.9g}" if abs(value) < 1e6 else f"{value:.3f}".removesuffix(".000")


def format_row(columns: Sequence[str], row: Mapping[str, Any]) -> str:
    """One line with the row's values in the columns' order; what is missing is empty."""
    cells = ["" if (value := row.get(c)) is None else format_cell(value) for c in columns]
    line = ",".join(cells)
    if '"' not in line and line.count(",") == len(cells) - 1 > 0:
        return f"{line}\n"
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()


@dataclass(frozen=True)
class Table:
    """A CSV file as read: cells as text by column, and how many bytes of a torn line were dropped."""

    columns: dict[str, list[str]]
    torn_bytes: int

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))


def read_complete_text(path: Path) -> tuple[str, int]:
    """The complete lines of a text file, and how many bytes of a torn last line were dropped.

    Raises ``RecordError`` when the file is not text.
    """
    raw = path.read_bytes()
    end = raw.rfind(b"\n") + 1
    if b"\0" in raw[:end]:
        raise RecordError(f"{path} is not text: it holds zero bytes")
    try:
        return raw[:end].decode("utf-8"), len(raw) - end
    except UnicodeDecodeError as error:
        raise RecordError(f"{path} is not UTF-8 text (byte {error.start})") from None


def read_table(path: Path) -> Table:
    """Read a CSV file of a record; raises ``RecordError`` naming the file and the line."""
    text, torn = read_complete_text(path)
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        header = next(rows, [])
        body = list(rows)
    except csv.Error as error:
        raise RecordError(f"{path}, line {rows.line_num}: {error}") from None
    for number, row in enumerate(body, start=2):
        if len(row) != len(header):
            raise RecordError(
                f"{path}, line {number}: {len(row)} fields where the header has {len(header)}"
            )
    cells = list(zip(*body, strict=True)) if body else [()] * len(header)
    return Table({name: list(cells[at]) for at, name in enumerate(header)}, torn)
