"""Reads a CSV file of a record into one array a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.blocks import Columns, read_blocks
from reli_analysis.readers.lines import TIME, header_of, usable_times
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.batch import Labels
from reli_analysis.record.csvfile import original_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.blocks import Block
    from reli_analysis.series import Damage


@dataclass(frozen=True)
class Table:
    """The columns of a file in order of ``elapsed_s``; a cell without a number is NaN."""

    numbers: dict[str, NDArray[np.float64]]
    labels: dict[str, Labels]
    damage: tuple[Damage, ...]

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        return self.numbers[TIME]

    def texts(self, name: str) -> list[str]:
        """A column of texts, one a row; empty ones where the file has no such column."""
        labels = self.labels.get(name)
        return [""] * len(self) if labels is None else labels.each()

    def __len__(self) -> int:
        return len(self.elapsed_s)


def read_table(
    path: Path,
    *,
    texts: Collection[str],
    needed: Sequence[str],
    only: Collection[str] = (),
    any_order: bool = False,
) -> Table:
    """Read the columns ``texts`` as text and the others (or those in ``only``) as numbers.

    Rows come back in order of time; that they were not is damage, unless ``any_order`` is right.
    Raises ``RecordError`` when nothing can be used: no header, or a column of ``needed`` missing.
    """
    problems = Problems(path.name)
    with path.open("rb") as file:
        header = header_of(file, path, needed)
        wanted = {*only, *texts, *needed} if only else set(header)
        columns = Columns(
            header,
            [name for name in header if name in texts],
            [name for name in header if name in wanted and name not in texts],
        )
        blocks = list(read_blocks(file, columns, problems))
    numbers = _numbers(columns.numbers, blocks)
    words = {name: _words(name, blocks) for name in columns.texts}
    return _in_order(numbers, words, problems, any_order=any_order)


def _numbers(names: Sequence[str], blocks: Sequence[Block]) -> dict[str, NDArray[np.float64]]:
    """The columns of numbers over all blocks, which are let go; empty columns are one array."""
    parts = [dict(block.numbers) for block in blocks]
    empty = np.full(sum(len(block) for block in blocks), np.nan)
    numbers = {}
    for name in names:
        values = [np.empty(0), *(part.pop(name) for part in parts)]
        known = any(not np.isnan(each).all() for each in values)
        numbers[name] = np.concatenate(values) if known else empty
    return numbers


def _words(name: str, blocks: Sequence[Block]) -> Labels:
    """A column of texts over all blocks; as many texts as there are different ones."""
    known: dict[str, int] = {}
    codes = [np.empty(0, np.int64)]
    for block in blocks:
        labels = block.texts[name]
        own = [known.setdefault(original_text(text), len(known)) for text in labels.texts]
        codes.append(np.array(own, np.int64)[labels.codes])
    return Labels(list(known), np.concatenate(codes))


def _in_order(
    numbers: dict[str, NDArray[np.float64]],
    words: dict[str, Labels],
    problems: Problems,
    *,
    any_order: bool,
) -> Table:
    """The columns with their rows in order of time; rows without a time are dropped."""
    times = usable_times(numbers[TIME], problems)
    timeless = int(np.isnan(times).sum())
    if not timeless and not (np.diff(times) < 0).any():
        return Table(numbers, words, problems.damage())
    if not timeless and not any_order:
        problems.add("order", "rows go back in time; they were put in order")
    order = np.argsort(times, kind="stable")[: len(times) - timeless]
    return Table(
        {name: values[order] for name, values in numbers.items()},
        {name: labels.chosen(order) for name, labels in words.items()},
        problems.damage(),
    )
