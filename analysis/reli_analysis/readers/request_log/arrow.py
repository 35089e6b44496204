"""Reads long CSV files and JSON lines in batches of columns, with Arrow.

Arrow, polars and pandas in chunks take about the same time (``benchmarks/request_log.py --engines``).
Arrow hands texts over as numbers and cells of numbers as they stand, so one broken cell spoils no
batch; it tells rows that are none, and reads lines of JSON in the same way.
"""

from __future__ import annotations

import codecs
import importlib
import io
import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.moments import ISO, parsed_dates
from reli_analysis.readers.request_log.batch import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from reli_analysis.readers.base import Progress

_BLOCK_BYTES = 1 << 20
_LONGEST_LINE = 1 << 20
_LONGEST_CHARACTER = 4
_TOLD = re.compile(r"(?:CSV|JSON) parse error: |straddling .*")


def arrow(module: str = "") -> Any:
    """Arrow or one of its modules; imported late, because few inputs need it."""
    return importlib.import_module(f"pyarrow{module}")


@dataclass(frozen=True)
class Columns:
    """Some columns of a batch of rows, by name; a column that the file has not is empty texts."""

    rows: int
    arrays: dict[str, Any]

    def __len__(self) -> int:
        return self.rows

    def labels(self, name: str) -> Labels:
        """A column of texts."""
        column = self.arrays.get(name)
        if column is None:
            return Labels.all_alike("", self.rows)
        if not hasattr(column, "dictionary"):
            column = column.cast(arrow().string()).dictionary_encode()
        texts = [_text(value.as_py()) for value in column.dictionary]
        codes = column.indices
        if codes.null_count:
            texts.append("")
            codes = codes.fill_null(len(texts) - 1)
        return Labels(texts, codes.to_numpy().astype(np.int64))

    def numbers(self, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A column of numbers; NaN for what is none."""
        column = self.arrays.get(name)
        if column is None:
            return np.full(self.rows, np.nan)
        if arrow().types.is_string(column.type):
            column = _as_numbers(column)
        return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)

    def dates(self, name: str, form: str = ISO) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A column of dates as seconds since 1970; NaN for what is none."""
        column = self.arrays[name]
        if form == ISO:
            pa = arrow()
            for kind in (pa.timestamp("ns", tz="UTC"), pa.timestamp("ns")):
                try:
                    since_1970 = arrow(".compute").cast(column, kind).cast(pa.int64())
                except pa.ArrowInvalid:
                    continue
                return np.asarray(since_1970.to_numpy(zero_copy_only=False), np.float64) / 1e9
        return parsed_dates(self.texts(name), form)

    def texts(self, name: str) -> list[str]:
        """A column as one text a row."""
        column = self.arrays.get(name)
        if column is None:
            return [""] * self.rows
        labels = self.labels(name)
        return [labels.texts[code] for code in labels.codes.tolist()]

    def chosen(self, rows: np.ndarray[Any, np.dtype[np.bool_]]) -> Columns:
        """Only some rows."""
        mask = arrow().array(rows)
        return Columns(int(rows.sum()), {n: a.filter(mask) for n, a in self.arrays.items()})


def _text(value: str | bytes | None) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value or ""


def _as_numbers(column: Any) -> Any:
    pa = arrow()
    try:
        return arrow(".compute").cast(column, pa.float64())
    except pa.ArrowInvalid:
        cells = (_text(cell) for cell in column.cast(pa.binary()).to_pylist())
        return pa.array([_number(cell) for cell in cells], pa.float64())


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return np.nan


class UpTo(io.RawIOBase):
    """A file up to some byte, in UTF-8; ``done`` is how far it has been read.

    A byte that is no UTF-8 reads as a question mark, so lengths stay, and nobody fails on it.
    """

    def __init__(self, file: IO[bytes], end: int) -> None:
        self._file, self._end = file, end
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._pending = False
        self.done = 0
        file.seek(0)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        left = self._end - self.done
        # A character that was cut by the last reading comes on top.
        data = self._file.read(left if size < 0 else min(max(1, size - _LONGEST_CHARACTER), left))
        self.done += len(data)
        if data.isascii() and not self._pending:
            return data
        text = self._decoder.decode(data, final=self.done >= self._end or not data)
        self._pending = bool(self._decoder.getstate()[0])
        if data and not text:
            return self.read(size)
        return text.encode("utf-8", "replace")


def end_of_lines(file: IO[bytes], last_fields: int = 0, delimiter: bytes = b",") -> int:
    """Where the last line ends that has its line break, or at least so many delimiters."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_LINE))
    tail = file.read()
    last = tail[tail.rfind(b"\n") + 1 :]
    if not last.strip() or (last_fields and last.count(delimiter) + 1 >= last_fields):
        return size
    return size - len(last)


@dataclass
class Left:
    """How many rows had another number of fields than the header, and where the first was."""

    rows: int = 0
    first: str = ""


def csv_batches(  # noqa: PLR0913 -- what a CSV file is takes that many words
    path: Path,
    *,
    columns: Sequence[str],
    header: bool,
    delimiter: str,
    wanted: Sequence[str],
    numbers: Sequence[str],
    left: Left,
    progress: Progress,
) -> Iterator[Columns]:
    """The columns ``wanted`` as texts and ``numbers`` as cells that should be numbers.

    Raises ``InputError`` where the file is no table.
    """
    pa, csv = arrow(), arrow(".csv")
    places = {name: f"f{columns.index(name)}" for name in (*wanted, *numbers) if name in columns}

    def skip(row: Any) -> str:
        left.rows += 1
        left.first = left.first or f"{row.actual_columns} fields in place of {row.expected_columns}"
        return "skip"

    types = {
        places[name]: pa.dictionary(pa.int32(), pa.binary()) for name in wanted if name in places
    }
    types |= {places[name]: pa.string() for name in numbers if name in places}
    with path.open("rb") as file:
        end = end_of_lines(file, len(columns), delimiter.encode())
        part = UpTo(file, end)
        try:
            reader = csv.open_csv(
                pa.PythonFile(part, mode="r"),
                read_options=csv.ReadOptions(
                    block_size=_BLOCK_BYTES,
                    column_names=[f"f{at}" for at in range(len(columns))],
                    skip_rows=int(header),
                ),
                parse_options=csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
                ),
                convert_options=csv.ConvertOptions(
                    include_columns=list(places.values()),
                    column_types=types,
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
                memory_pool=pa.system_memory_pool(),
            )
            for batch in reader:
                progress(part.done, end)
                arrays = {name: batch.column(place) for name, place in places.items()}
                yield Columns(batch.num_rows, arrays)
        except pa.ArrowInvalid as error:
            raise InputError(f"{path} is not a table: {_reason(error)}") from None


def json_batches(path: Path, schema: Any, progress: Progress) -> Iterator[Columns]:
    """The fields of a schema from lines of JSON objects; others are passed over."""
    pa, json = arrow(), arrow(".json")
    with path.open("rb") as file:
        end = end_of_lines(file)
        part = UpTo(file, end)
        try:
            reader = json.open_json(
                pa.PythonFile(part, mode="r"),
                read_options=json.ReadOptions(block_size=_BLOCK_BYTES),
                parse_options=json.ParseOptions(
                    explicit_schema=schema, unexpected_field_behavior="ignore"
                ),
                memory_pool=pa.system_memory_pool(),
            )
            for batch in reader:
                progress(part.done, end)
                yield Columns(batch.num_rows, dict(zip(schema.names, batch.columns, strict=True)))
        except pa.ArrowInvalid as error:
            raise InputError(f"{path} is not lines of JSON: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """What Arrow says, as part of a sentence."""
    text = " ".join(str(error).split())
    if "straddling" in text:
        return "a row is longer than a mebibyte, or a quote is never closed"
    return _TOLD.sub("", text)[:200]
