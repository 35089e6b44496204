"""Reads the columns of numbers of a foreign CSV file with pandas, a chunk of rows at a time."""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.dialect import MISSING, Dialect
from reli_analysis.readers.problems import LARGEST, Problems, without_absurd
from reli_analysis.readers.time_column import pandas, parse_times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray


MAX_CELLS = 100_000_000
_CELLS_AT_ONCE = 2_000_000
_LONGEST_LINE = 1 << 20
_TOO_LONG = re.compile(r"line (\d+): expected (\d+) fields, saw (\d+)")


@dataclass(frozen=True)
class Chunk:
    """The usable rows of one chunk: their times as written, and the numbers by column."""

    times: NDArray[np.float64]
    numbers: dict[str, NDArray[np.float64]]


def read_chunks(path: Path, dialect: Dialect, problems: Problems) -> Iterator[Chunk]:
    """The rows that have a time; raises ``InputError`` when the file is no table or too large."""
    numeric_time = dialect.looks_numeric(dialect.time_at)
    names = {
        at: name
        for at, name in enumerate(dialect.columns)
        if name and at != dialect.time_at and dialect.looks_numeric(at)
    }
    cells = 0
    for frame in _frames(path, dialect, problems):
        if frame.empty:
            continue
        times = parse_times(frame[dialect.time_at], numeric=numeric_time)
        timed = np.abs(times) < LARGEST
        if not timed.all():
            problems.add("time", "a row without a time is left out", int((~timed).sum()))
        cells += len(times) * max(1, len(names))
        if cells > MAX_CELLS:
            raise InputError(
                f"{path} holds more than {MAX_CELLS:,} numbers; keep fewer columns or rows"
            )
        numbers = {name: _numbers(frame[at], name, problems)[timed] for at, name in names.items()}
        yield Chunk(times[timed], numbers)


def _frames(path: Path, dialect: Dialect, problems: Problems) -> Iterator[Any]:
    """Data frames of all columns, by position."""
    width = len(dialect.columns)
    with path.open("rb") as file:
        end = _end_of_whole_lines(file, dialect, problems)
        try:
            reader = pandas().read_csv(
                io.BufferedReader(_UpTo(file, end)),
                sep=dialect.delimiter,
                header=None,
                skiprows=1,
                names=list(range(width)),
                index_col=False,
                dtype={dialect.time_at: str},
                na_values=[form(word) for word in MISSING for form in (str, str.upper, str.title)],
                on_bad_lines="warn",
                encoding="utf-8-sig",
                encoding_errors="replace",
                low_memory=False,
                chunksize=max(1000, _CELLS_AT_ONCE // width),
            )
            while (frame := _next_frame(reader, problems)) is not None:
                yield frame
        except pandas().errors.EmptyDataError:
            return
        except (ValueError, OverflowError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{path} is not a table: {reason}") from None


def _next_frame(reader: Any, problems: Problems) -> Any:
    """The next chunk; pandas tells the rows that it leaves out as warnings."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        frame = next(reader, None)
    for warning in told:
        text = str(warning.message)
        for line, width, fields in _TOO_LONG.findall(text):
            problems.add(
                "width",
                f"line {line} has {fields} fields where the header has {width}; it is left out",
            )
        if "loss of data" in text:
            problems.add("surplus", "rows have more fields than the header; the last are left out")
    return frame


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
    return without_absurd(values, name, problems)
