"""What Locust's statistics files have in common: names of percentiles, and how Locust rounds."""

from __future__ import annotations

import csv
import itertools
import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.request_log.csv_log import header_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from reli_analysis.readers.problems import Problems

AGGREGATED = "Aggregated"
_PERCENTILE = re.compile(r"(\d{1,3}(?:\.\d+)?)%")
_MOST_ROWS = 5_000_000
Row = dict[str, str]


def percentiles_of(columns: Sequence[str]) -> dict[str, float]:
    """The columns of percentiles and their quantiles, in ascending order of these."""
    found = {}
    for name in columns:
        match = _PERCENTILE.fullmatch(name)
        if match and 0 < float(match[1]) <= 100:
            found[name] = round(float(match[1]) / 100, 12)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def rows_of(path: Path, problems: Problems) -> Iterator[Row]:
    """The whole rows of a file by column; raises ``InputError`` where it is no table."""
    delimiter, columns, _rest = header_of(path)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        try:
            rows = csv.reader(_whole_lines(text, problems), delimiter=delimiter)
            next(rows, None)
            for number, row in enumerate(rows, start=2):
                if number > _MOST_ROWS:
                    raise InputError(f"{path} has more than {_MOST_ROWS:,} rows")
                if len(row) == len(columns):
                    yield dict(zip(columns, row, strict=True))
                elif row:
                    problems.add(
                        "width",
                        f"row {number} has {len(row)} fields where the header has {len(columns)}; "
                        "it is left out",
                    )
        except csv.Error as error:
            raise InputError(f"{path} is not a table: {error}") from None


def _whole_lines(text: Iterator[str], problems: Problems) -> Iterator[str]:
    for line, after in itertools.pairwise(itertools.chain(text, ("",))):
        if not after and not line.endswith(("\n", "\r")):
            problems.add("torn", "the last line was cut off and is left out")
            return
        yield line


def number(text: str) -> float:
    """A cell as a number; NaN for what is none, as ``N/A``, and for what no count or time is."""
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if 0 <= value < 1e15 else np.nan


def name_of(kind: str, name: str) -> str:
    """The endpoint of a row, empty for that of all requests."""
    return "" if not kind and name == AGGREGATED else f"{kind} {name}"


def rounded_from(value_ms: float) -> tuple[float, float]:
    """Which response times Locust may have written as this one.

    It keeps two digits (147 becomes 150, 3,432 becomes 3,400), and whole milliseconds below 100;
    percentiles are cut to whole numbers after that.
    """
    step = 1.0 if value_ms < 100 else 10.0 if value_ms < 1000 else 100.0
    if value_ms >= 10_000:
        step = 1000.0
    return max(0.0, value_ms - step / 2), value_ms + max(step / 2, 1.0)


def quantiles_of(row: Row, percentiles: Mapping[str, float]) -> dict[float, tuple[float, float]]:
    """The percentiles of a row, as far as there are numbers."""
    values = {quantile: number(row[name]) for name, quantile in percentiles.items()}
    return {q: rounded_from(value) for q, value in values.items() if np.isfinite(value)}
