"""Any CSV file with a time column and columns of numbers, whoever wrote it.

The file is read in chunks, and only its numbers are kept, so memory grows with them alone; a file
with too many of them is refused.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.dialect import Dialect, sniff
from reli_analysis.readers.number_chunks import read_chunks
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.time_column import to_elapsed, unit_asked
from reli_analysis.readers.unit_names import guess_unit, parse_unit
from reli_analysis.registry import nearest
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.base import Column

NAME = "csv"
EVERYTHING_IS_STEADY = "there are no windows, so the whole file counts as steady"
_HEAD_BYTES = 1 << 20
_UNITS_SHOWN = 8


class GenericCsv:
    """Takes what no other reader recognises, and every table whose columns are named."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path, head
        return False

    def read(self, path: Path, guide: Guide) -> Run:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        asked, unit = unit_asked(guide.time)
        dialect = sniff(str(path), head, asked)
        problems = Problems(path.name)
        times, columns = read_columns(path, dialect, problems, guide)
        name = dialect.columns[dialect.time_at]
        try:
            elapsed_s, how = to_elapsed(times, name, unit)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        series, told = _series(elapsed_s, columns, guide.columns, problems)
        steps = np.diff(next(iter(series.values())).elapsed_s)
        steps = steps[steps > 0]
        return Run(
            title=path.name,
            path=path,
            series=series,
            damage=problems.damage(),
            notes=(f'time is the column "{name}", read as {how}', *told, EVERYTHING_IS_STEADY),
            interval_s=float(np.median(steps)) if len(steps) else 1.0,
        )


def read_columns(
    path: Path, dialect: Dialect, problems: Problems, guide: Guide
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """The times as written and the columns of numbers; raises ``InputError`` without any."""
    wanted = _wanted(path, dialect, guide.columns)
    times: list[NDArray[np.float64]] = []
    parts: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for chunk in read_chunks(path, dialect, problems):
        times.append(chunk.times)
        for name, values in chunk.numbers.items():
            if not wanted or name in wanted:
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
    for name in wanted:
        if name not in measured:
            raise InputError(f'{path}, column "{name[:40]}" holds no numbers')
    if not measured:
        raise InputError(
            f"{path} has no column of numbers beside its time; "
            "a number is written with a point, such as 12.5"
        )
    return moments, measured


def _wanted(path: Path, dialect: Dialect, columns: Iterable[Column]) -> frozenset[str]:
    """The columns that are asked for; raises ``InputError`` for one that is not there."""
    known = [name for name in dialect.columns if name]
    for column in columns:
        if column.name not in known:
            hint = nearest(column.name[:80], known)
            shown = ", ".join(f'"{name[:40]}"' for name in known[:6])
            more = ", ..." if known[6:] else ""
            raise InputError(
                f'{path} has no column "{column.name[:80]}"{hint}; it has {shown}{more}'
            )
    return frozenset(column.name for column in columns)


def _series(
    elapsed_s: NDArray[np.float64],
    columns: Mapping[str, NDArray[np.float64]],
    asked: Iterable[Column],
    problems: Problems,
) -> tuple[dict[str, Series], list[str]]:
    """The columns in order of time and in our units, and how the units were found."""
    said = {column.name: column.unit for column in asked if column.unit}
    order = in_order(elapsed_s, problems)
    elapsed_s = elapsed_s[order]
    found, told = {}, []
    for name, values in columns.items():
        if name in said:
            scale, how = parse_unit(said[name]), f'"{name}" is in {said[name]}, as you say'
        else:
            scale, how = guess_unit(name)
        found[name] = Series(name, scale.unit, elapsed_s, values[order] * scale.factor)
        told += [how] if how else []
    more = len(told) - _UNITS_SHOWN
    return found, [*told[:_UNITS_SHOWN], *([f"{more} more units like these"] if more > 0 else [])]


def in_order(elapsed_s: NDArray[np.float64], problems: Problems) -> NDArray[np.int64]:
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
