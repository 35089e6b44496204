"""The rows of a CSV file of a record, some thousand at a time, as arrays.

Arrow reads a sound block twenty times as fast as Python does. A block in which it meets anything
that it does not expect is read line by line instead, where each trouble is told and spoils no other
row. So both ways give the same, and long files of sound records are quick.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from reli_analysis.readers.lines import numbers_of, rows_of
from reli_analysis.readers.problems import Problems, without_absurd
from reli_analysis.readers.request_log.batch import Labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_BLOCK_BYTES = 4 << 20
_WORTH_ARROW = 2 << 20
"""Importing Arrow takes as long as reading so many bytes without it."""


@dataclass(frozen=True)
class Block:
    """Some rows: texts and numbers by column; a cell without a number is NaN."""

    texts: Mapping[str, Labels]
    numbers: Mapping[str, NDArray[np.float64]]
    rows: int

    def __len__(self) -> int:
        return self.rows

    def where(self, chosen: NDArray[np.bool_]) -> Block:
        """Some of the rows."""
        return Block(
            {name: labels.chosen(chosen) for name, labels in self.texts.items()},
            {name: values[chosen] for name, values in self.numbers.items()},
            int(chosen.sum()),
        )


@dataclass(frozen=True)
class Columns:
    """The columns of a file, and those that are read as text and as numbers."""

    header: Sequence[str]
    texts: Sequence[str]
    numbers: Sequence[str]


def read_blocks(file: IO[bytes], columns: Columns, problems: Problems) -> Iterator[Block]:
    """The usable rows of a file whose header has been read."""
    fast = os.fstat(file.fileno()).st_size >= _WORTH_ARROW
    first_line = 2
    for data in _whole_lines(file, problems):
        block = _by_arrow(data, columns) if fast else None
        if block is None:
            yield from _by_line(data, columns, first_line, problems)
        elif len(block):
            numbers = {
                name: without_absurd(values, name, problems)
                for name, values in block.numbers.items()
            }
            yield Block(block.texts, numbers, block.rows)
        first_line += data.count(b"\n")


def _whole_lines(file: IO[bytes], problems: Problems) -> Iterator[bytes]:
    """The file in blocks that end where a line does; what was cut off at its end is told."""
    rest = b""
    while data := file.read(_BLOCK_BYTES):
        end = data.rfind(b"\n") + 1
        if end:
            yield rest + data[:end]
            rest = b""
        rest += data[end:]
    if rest:
        problems.add("torn", "the last line was cut off and is left out")


def _by_line(data: bytes, columns: Columns, first_line: int, problems: Problems) -> Iterator[Block]:
    for number, rows in rows_of(data, len(columns.header), first_line, problems):
        cells = dict(zip(columns.header, zip(*rows, strict=True), strict=True))
        yield Block(
            {name: Labels.of(cells[name]) for name in columns.texts},
            {name: numbers_of(cells[name], name, number, problems) for name in columns.numbers},
            len(rows),
        )


def _by_arrow(data: bytes, columns: Columns) -> Block | None:
    """``None`` when the block holds anything that only a reader of lines can tell of."""
    if not _is_plain(data):
        return None
    pa, csv = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.csv")
    types = dict.fromkeys(columns.numbers, pa.float64())
    types |= dict.fromkeys(columns.texts, pa.dictionary(pa.int32(), pa.string()))
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            read_options=csv.ReadOptions(
                use_threads=False, block_size=len(data) + 1, column_names=list(columns.header)
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(types),
                column_types=types,
                null_values=[""],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return Block(
        {name: _labels(table.column(name)) for name in columns.texts},
        {name: _numbers(table.column(name)) for name in columns.numbers},
        table.num_rows,
    )


def _is_plain(data: bytes) -> bool:
    """Whether it is text in lines of which none is empty."""
    if b"\0" in data or b"\r" in data or b"\n\n" in data or data.startswith(b"\n"):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _labels(column: Any) -> Labels:
    whole = column.combine_chunks()
    return Labels(whole.dictionary.to_pylist(), whole.indices.to_numpy().astype(np.int64))


def _numbers(column: Any) -> NDArray[np.float64]:
    return np.asarray(column.to_numpy(), np.float64)
