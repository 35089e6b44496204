"""Reads a CSV file of a record in which many things have rows of their own, told apart by texts.

Two days of a row a second and process are millions of rows, most of whose columns are empty. So
rows are kept by what they are of, a column only where it has a number, and nothing is copied for
each of the things: a thing's columns are slices.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.blocks import Columns, read_blocks
from reli_analysis.readers.lines import TIME, header_of, usable_times
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.batch import Labels
from reli_analysis.record.csvfile import original_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.blocks import Block
    from reli_analysis.series import Damage


class Slices(Mapping[str, "NDArray[np.float64]"]):
    """The columns of one thing: the same slice of each column of all things."""

    def __init__(self, columns: Mapping[str, NDArray[np.floating]], rows: slice) -> None:
        self._columns = columns
        self._rows = rows

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        return self._columns[name][self._rows].astype(np.float64, copy=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


@dataclass(frozen=True)
class Kind:
    """How rows of one kind are read: the texts that make a thing, and columns that are not kept."""

    keys: tuple[str, ...]
    unwanted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """One thing: the texts of its last row, and its columns in order of ``elapsed_s``.

    ``elapsed_s`` is one of the columns. A column without any number is missing; a cell without one
    is NaN.
    """

    texts: Mapping[str, str]
    columns: Mapping[str, NDArray[np.float64]]


@dataclass
class _Part:
    """The rows of one block: of which thing each is, and the columns that have numbers."""

    codes: NDArray[np.int32]
    numbers: dict[str, NDArray[np.floating]]


@dataclass
class _Store:
    """All rows of a kind; ``codes`` numbers the things, ``texts`` are those of their last rows."""

    kind: Kind
    codes: dict[tuple[str, ...], int] = field(default_factory=dict)
    texts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    parts: list[_Part] = field(default_factory=list)


def read_groups(  # noqa: PLR0913 -- what a file of many things takes that many words
    path: Path,
    *,
    texts: Sequence[str],
    needed: Sequence[str],
    kind_of: Callable[[str], Kind],
    by: str = "",
    unread: Collection[str] = (),
) -> tuple[list[Group], tuple[Damage, ...]]:
    """The things of a file; a column of ``texts`` that it does not have reads as empty.

    ``kind_of`` gets the text in the column ``by`` and says how such rows are read; without that
    column all are read alike. Columns of ``unread`` are passed over. Raises ``RecordError`` when nothing can be used.
    """
    problems = Problems(path.name)
    stores: dict[str, _Store] = {}
    with path.open("rb") as file:
        header = header_of(file, path, needed)
        read_as_text = [name for name in header if name in {*texts, by}]
        numbers = [name for name in header if name not in {*read_as_text, *unread}]
        columns = Columns(header, read_as_text, numbers)
        for block in read_blocks(file, columns, problems):
            for of, some in _apart(block, by):
                if of not in stores:
                    stores[of] = _Store(kind_of(of))
                _add(stores[of], some, texts)
    groups = [group for store in stores.values() for group in _groups(store, texts, problems)]
    return groups, problems.damage()


def _apart(block: Block, by: str) -> Iterator[tuple[str, Block]]:
    """The rows of each kind."""
    if by not in block.texts:
        yield "", block
        return
    labels = block.texts[by]
    for code in np.unique(labels.codes).tolist():
        yield labels.texts[code], block.where(labels.codes == code)


def _add(store: _Store, block: Block, texts: Sequence[str]) -> None:
    """Take the rows of one block over."""
    words = {name: block.texts.get(name, Labels.all_alike("", len(block))) for name in texts}
    together = _together([words[name] for name in store.kind.keys], len(block))
    _own, last, thing = np.unique(together[::-1], return_index=True, return_inverse=True)
    codes = []
    for at in (len(block) - 1 - last).tolist():
        told = {name: labels.texts[labels.codes[at]] for name, labels in words.items()}
        key = tuple(told[name] for name in store.kind.keys)
        codes.append(store.codes.setdefault(key, len(store.codes)))
        store.texts[codes[-1]] = tuple(original_text(told[name]) for name in texts)
    numbers = {
        name: _packed(values)
        for name, values in block.numbers.items()
        if name == TIME or (name not in store.kind.unwanted and not np.isnan(values).all())
    }
    store.parts.append(_Part(np.array(codes, np.int32)[thing[::-1]], numbers))


def _together(labels: Sequence[Labels], rows: int) -> NDArray[np.int64]:
    """One number a row, equal where all of these labels are."""
    codes = np.zeros(rows, np.int64)
    for each in labels:
        _own, codes = np.unique(codes * max(1, len(each.texts)) + each.codes, return_inverse=True)
    return codes


def _packed(values: NDArray[np.float64]) -> NDArray[np.floating]:
    """In half the memory, where that holds the very same numbers: counts, and sizes in pages."""
    with np.errstate(over="ignore"):
        half = values.astype(np.float32)
    return half if np.array_equal(half, values, equal_nan=True) else values


def _groups(store: _Store, texts: Sequence[str], problems: Problems) -> Iterator[Group]:
    """The things of one store; each column is put together, and its parts are let go."""
    parts = store.parts
    codes = np.concatenate([part.codes for part in parts])
    times = usable_times(np.concatenate([part.numbers.pop(TIME) for part in parts]), problems)
    order = np.lexsort((times, codes))  # rows without a time come last among those of their thing
    columns: dict[str, NDArray[np.floating]] = {TIME: times[order]}
    for name in dict.fromkeys(name for part in parts for name in part.numbers):
        filled = [
            part.numbers.pop(name)
            if name in part.numbers
            else np.full(len(part.codes), np.nan, np.float32)
            for part in parts
        ]
        columns[name] = np.concatenate(filled)[order]
    borders = np.searchsorted(codes[order], np.arange(len(store.codes) + 1)).tolist()
    for code, (first, end) in enumerate(itertools.pairwise(borders)):
        timed = int(np.isfinite(columns[TIME][first:end]).sum())
        if timed:
            told = dict(zip(texts, store.texts[code], strict=True))
            yield Group(told, Slices(columns, slice(first, first + timed)))
