"""Any CSV file with a time column and columns of numbers, whoever wrote it.

The file is read in chunks, and only its numbers are kept, so memory grows with them alone; a file
with too many of them is refused.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS
from reli_analysis.readers.dialect import Dialect, sniff
from reli_analysis.readers.number_chunks import read_chunks
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.time_column import to_elapsed
from reli_analysis.record.layout import unit_of
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NAME = "csv"
EVERYTHING_IS_STEADY = "there are no windows, so the whole file counts as steady"
_HEAD_BYTES = 1 << 20


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
            damage=problems.damage(),
            notes=(f'time is the column "{name}", read as {how}', EVERYTHING_IS_STEADY),
            interval_s=float(np.median(steps)) if len(steps) else 1.0,
        )


def _columns(
    path: Path, dialect: Dialect, problems: Problems
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """The times as written and the columns of numbers; raises ``InputError`` without any."""
    times: list[NDArray[np.float64]] = []
    parts: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for chunk in read_chunks(path, dialect, problems):
        times.append(chunk.times)
        for name, values in chunk.numbers.items():
            parts[name].append(values)
    if not times:
        raise InputError(f"{path} has a header but no rows")
    moments = np.concatenate(times)
    if not len(moments):
        at = dialect.time_at
        first = next((row[at] for row in dialect.sample if len(row) > at), "")
        raise InputError(
            f'{path}, column "{dialect.columns[at]}": "{first[:40]}" is no time; '
            "write seconds, or dates such as 2026-01-31T12:00:00Z"
        )
    columns = {name: np.concatenate(values) for name, values in parts.items()}
    measured = {name: values for name, values in columns.items() if np.isfinite(values).any()}
    if not measured:
        raise InputError(
            f"{path} has no column of numbers beside its time; "
            "a number is written with a point, such as 12.5"
        )
    return moments, measured


def _order(elapsed_s: NDArray[np.float64], problems: Problems) -> NDArray[np.int64]:
    """The order of time; rows out of order, or many at one moment, are told."""
    steps = np.diff(elapsed_s)
    if (steps < 0).any():
        problems.add("order", "rows go back in time; they were put in order")
    order = np.argsort(elapsed_s, kind="stable")
    same = int((np.diff(elapsed_s[order]) == 0).sum())
    if 2 * same > len(elapsed_s):
        problems.add(
            "same time",
            "most rows share their time with another, so several series may lie in one column",
        )
    return order


READERS.register(NAME, GenericCsv())
