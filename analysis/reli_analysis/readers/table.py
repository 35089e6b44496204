"""Reads a CSV file of a record into one array a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.lines import TIME, blocks_of, header_of, numbers_of, usable_times
from reli_analysis.readers.problems import Problems
from reli_analysis.record.csvfile import original_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.series import Damage


@dataclass(frozen=True)
class Table:
    """The columns of a file in order of ``elapsed_s``; a cell without a number is NaN."""

    numbers: dict[str, NDArray[np.float64]]
    texts: dict[str, list[str]]
    damage: tuple[Damage, ...]

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        return self.numbers[TIME]

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
        words: dict[str, list[str]] = {name: [] for name in header if name in texts}
        blocks: dict[str, list[NDArray[np.float64]]] = {
            name: [np.empty(0)] for name in header if name in wanted and name not in texts
        }
        known: dict[str, str] = {}
        for first_line, rows in blocks_of(file, len(header), problems):
            cells = dict(zip(header, zip(*rows, strict=True), strict=True))
            for name, values in words.items():
                values += [known.setdefault(cell, original_text(cell)) for cell in cells[name]]
            for name, parts in blocks.items():
                parts.append(numbers_of(cells[name], name, first_line, problems))
    numbers = {name: np.concatenate(parts) for name, parts in blocks.items()}
    return _in_order(numbers, words, problems, any_order=any_order)


def _in_order(
    numbers: dict[str, NDArray[np.float64]],
    words: dict[str, list[str]],
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
        {name: [values[at] for at in order.tolist()] for name, values in words.items()},
        problems.damage(),
    )
