"""Any CSV file with a time column and columns of numbers, whoever wrote it.

The file is read in chunks, and only its numbers are kept, so memory grows with them alone; a file
with more than ``MAX_CELLS`` of them is refused.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS
from reli_analysis.readers.dialect import Dialect, sniff
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.time_column import looks_numeric, pandas, parse_times, to_elapsed
from reli_analysis.record.layout import unit_of
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.series import Damage

NAME = "csv"
MAX_CELLS = 100_000_000
_HEAD_BYTES = 1 << 20
_CELLS_AT_ONCE = 2_000_000
_MISSING = ["-", "--", "–", "none", "NONE", "nil"]


class GenericCsv:
    """Takes what no other reader recognises."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path, head
        return False

    def read(self, path: Path) -> Run:
        with path.open("rb") as file:
            dialect = sniff(str(path), file.read(_HEAD_BYTES))
        problems = Problems(path.name)
        times, columns = _columns(path, dialect, problems)
        name = dialect.columns[dialect.time_at]
        elapsed_s, how = to_elapsed(times, name)
        order = _order(elapsed_s, problems)
        elapsed_s = elapsed_s[order]
        steps = np.diff(elapsed_s)
        steps = steps[steps > 0]
        return Run(
            title=path.name,
            path=path,
            series={
                column: Series(column, unit_of(column), elapsed_s, values[order])
                for column, values in columns.items()
            },
            damage=_damage(elapsed_s, problems),
            notes=(
                f'time is the column "{name}", read as {how}; '
                "without windows the whole file counts as steady",
            ),
            interval_s=float(np.median(steps)) if len(steps) else 1.0,
        )


def _columns(
    path: Path, dialect: Dialect, problems: Problems
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """The times and the columns of numbers; raises ``InputError`` when there are none."""
    numeric_time = looks_numeric([row[dialect.time_at] for row in _whole(dialect)])
    names = {at: name for at, name in enumerate(dialect.columns) if name and at != dialect.time_at}
    names = {at: name for at, name in names.items() if _may_hold_numbers(dialect, at)}
    parts: dict[int, list[NDArray[np.float64]]] = {at: [] for at in names}
    times: list[NDArray[np.float64]] = []
    rows = kept = 0
    for frame in _frames(path, dialect, names):
        moments = parse_times(frame[dialect.time_at], numeric=numeric_time)
        usable = np.isfinite(moments)
        rows, kept = rows + len(usable), kept + int(usable.sum())
        too_long = frame[len(dialect.columns)].notna().to_numpy()
        if too_long.any():
            problems.add("width", _too_long(dialect), int(too_long.sum()))
        usable &= ~too_long
        times.append(moments[usable])
        for at, name in names.items():
            parts[at].append(_numbers(frame[at], name, problems)[usable])
        if rows * max(1, len(names)) > MAX_CELLS:
            raise InputError(
                f"{path} holds more than {MAX_CELLS:,} numbers; keep fewer columns or rows"
            )
    if not rows:
        raise InputError(f"{path} has a header but no rows")
    if kept < rows:
        problems.add("time", "a row without a time is left out", rows - kept)
    moments = np.concatenate(times)
    if not len(moments):
        raise InputError(_no_time(path, dialect))
    whole = {names[at]: np.concatenate(values) for at, values in parts.items()}
    columns = {name: values for name, values in whole.items() if np.isfinite(values).any()}
    if not columns:
        raise InputError(
            f"{path} has no column of numbers beside its time; "
            "a number is written with a point, such as 12.5"
        )
    return moments, columns


def _whole(dialect: Dialect) -> list[tuple[str, ...]]:
    """The rows of the sample that have every field."""
    return [row for row in dialect.sample if len(row) == len(dialect.columns)]


def _may_hold_numbers(dialect: Dialect, at: int) -> bool:
    """Whether a column is worth reading: its sample holds numbers, or nothing yet."""
    return looks_numeric([row[at] for row in _whole(dialect)]) or not any(
        row[at].strip() for row in _whole(dialect)
    )
