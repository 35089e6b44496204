"""Reads the columns of numbers of a foreign CSV file with pandas, a chunk of rows at a time."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.time_column import looks_numeric, pandas, parse_times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.dialect import Dialect
    from reli_analysis.readers.problems import Problems

MAX_CELLS = 100_000_000
_CELLS_AT_ONCE = 2_000_000
_LONGEST_LINE = 1 << 20
_MISSING = ["-", "--", "–", "none", "NONE", "nil"]


@dataclass(frozen=True)
class Chunk:
    """The usable rows of one chunk: their times as written, and the numbers by column."""

    times: NDArray[np.float64]
    numbers: dict[str, NDArray[np.float64]]


def read_chunks(path: Path, dialect: Dialect, problems: Problems) -> Iterator[Chunk]:
    """The rows that have a time; raises ``InputError`` when the file is no table or too large."""
    whole = [row for row in dialect.sample if len(row) == len(dialect.columns)]
    numeric_time = looks_numeric([row[dialect.time_at] for row in whole])
    names = {
        at: name
        for at, name in enumerate(dialect.columns)
        if name and at != dialect.time_at and looks_numeric([row[at] for row in whole])
    }
    cells = 0
    for frame in _frames(path, dialect, list(names), problems):
        times = parse_times(frame[dialect.time_at], numeric=numeric_time)
        timed = np.isfinite(times)
        if not timed.all():
            problems.add("time", "a row without a time is left out", int((~timed).sum()))
        too_long = frame[len(dialect.columns)].notna().to_numpy()
        if too_long.any():
            message = f"a row has more fields than the header ({len(dialect.columns)}); left out"
            problems.add("width", message, int(too_long.sum()))
        usable = timed & ~too_long
        cells += len(usable) * max(1, len(names))
        if cells > MAX_CELLS:
            raise InputError(
                f"{path} holds more than {MAX_CELLS:,} numbers; keep fewer columns or rows"
            )
        numbers = {name: _numbers(frame[at], name, problems)[usable] for at, name in names.items()}
        yield Chunk(times[usable], numbers)


def _frames(path: Path, dialect: Dialect, numbers: list[int], problems: Problems) -> Iterator[Any]:
    """Data frames of the wanted columns by position; the one past the last finds long rows."""
    width = len(dialect.columns)
    with path.open("rb") as file:
        end = _end_of_whole_lines(file, dialect, problems)
        try:
            yield from pandas().read_csv(
                io.BufferedReader(_UpTo(file, end)),
                sep=dialect.delimiter,
                header=None,
                skiprows=1,
                names=list(range(width + 1)),
                usecols=[dialect.time_at, *numbers, width],
                index_col=False,
                dtype={dialect.time_at: str, width: str},
                na_values=_MISSING,
                encoding="utf-8-sig",
                encoding_errors="replace",
                low_memory=False,
                chunksize=max(1000, _CELLS_AT_ONCE // width),
            )
        except pandas().errors.EmptyDataError:
            return
        except (ValueError, OverflowError) as error:
            raise InputError(f"{path} is not a table: {str(error).strip()}") from None


class _UpTo(io.RawIOBase):
    """The beginning of a file, as a file."""

    def __init__(self, file: IO[bytes], end: int) -> None:
        self._file, self._left = file, end
        file.seek(0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), self._left))
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


def _end_of_whole_lines(file: IO[bytes], dialect: Dialect, problems: Problems) -> int:
    """Where the last whole line ends: other writers may leave out the last line break."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_LINE))
    tail = file.read()
    last = tail[tail.rfind(b"\n") + 1 :]
    if not last:
        return size
    try:
        text = last.decode("utf-8", "replace")
        fields = next(csv.reader([text], delimiter=dialect.delimiter, strict=True), [])
    except csv.Error:
        fields = []
    if len(fields) >= len(dialect.columns) or not last.strip():
        return size
    problems.add("torn", "the last line was cut off and is left out")
    return size - len(last)


def _numbers(cells: Any, name: str, problems: Problems) -> NDArray[np.float64]:
    """A column of a frame as numbers; what is none is NaN, and told."""
    values: NDArray[np.float64]
    if cells.dtype.kind in "iuf":
        values = cells.to_numpy(dtype=np.float64, copy=True)
    else:
        values = np.array(pandas().to_numeric(cells.astype(str), errors="coerce"), np.float64)
        broken = (cells.notna() & np.isnan(values)).to_numpy()
        if broken.any():
            text = str(cells[broken].iloc[0])[:40]
            problems.add(
                f"number {name}",
                f'column {name}: "{text}" is not a number',
                int(broken.sum()),
            )
    infinite = np.isinf(values)
    if infinite.any():
        values[infinite] = np.nan
        problems.add(f"infinite {name}", f"column {name} holds an infinite number, taken as none")
    return values
