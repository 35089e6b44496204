"""An interval log too long to be read whole: its sums where they do, else the lines themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.latency_rows import TagRows
from reli_analysis.readers.log_rows import rows_by_tag
from reli_analysis.readers.problems import Problems
from reli_analysis.record.hlog import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import IO

    from reli_analysis.readers.frames import Frames
    from reli_analysis.selection import Spans

_NEAR_BYTES = 1 << 16
_LOST = "damaged lines"
_SLACK_S = 120.0
"""Rows are written in the order in which they end; one begins at most so long before others do."""


class FramedRows:
    """Reads the rows outside of all frames at once, others when they are asked for."""

    def __init__(self, path: Path, frames: Frames, problems: Problems) -> None:
        self._path = path
        self._frames = frames
        self._read: list[tuple[float, float, Mapping[str, TagRows]]] = []
        for first_s, end_s in _without(((-math.inf, math.inf),), frames.spans):
            self._rows(first_s, end_s, problems)
        self._outside = [rows for _first_s, _end_s, rows in self._read]

    def tags(self) -> Sequence[str]:
        return sorted({*self._frames.rows, *(tag for rows in self._outside for tag in rows)})

    def within(self, tags: Sequence[str], spans: Spans) -> list[TagRows]:
        found = []
        for first_s, end_s in spans:
            rows = self._rows(first_s, end_s)
            found += [
                rows[tag].within(((first_s, end_s),)) for tag in (*tags, _LOST) if tag in rows
            ]
        return found

    def summed(self, tags: Sequence[str], spans: Spans) -> list[TagRows]:
        whole = tuple(
            frame
            for frame in self._frames.spans
            if any(first_s <= frame[0] and frame[1] <= end_s for first_s, end_s in spans)
        )
        known = self._frames.rows
        sums = [known[tag].within(whole) for tag in tags if tag in known] if whole else []
        return [*sums, *self.within(tags, _without(spans, whole))]

    def longest_s(self, tags: Sequence[str]) -> float:
        lengths = [
            self._frames.longest_other_s if endpoint_of(tag) is None else self._frames.longest_endpoint_s
            for tag in tags
            if tag in self._frames.rows
        ]  # fmt: skip
        outside = [rows[tag].length_s for rows in self._outside for tag in tags if tag in rows]
        return max([*lengths, *(float(length.max()) for length in outside)], default=0.0)

    def _rows(
        self, first_s: float, end_s: float, problems: Problems | None = None
    ) -> Mapping[str, TagRows]:
        """Rows by tag, among which are all that begin in this stretch."""
        for from_s, to_s, rows in self._read:
            if from_s <= first_s and end_s <= to_s:
                return rows
        size = self._path.stat().st_size
        with self._path.open("rb") as file:
            first = 0 if first_s == -math.inf else _place(file, size, first_s - _SLACK_S)[0]
            end = size if end_s == math.inf else _place(file, size, end_s + _SLACK_S)[1]
        told = problems or Problems(self._path.name)
        before = told.count()
        found = rows_by_tag(self._path, first, end, told)
        if problems is None and told.count() > before:
            found[_LOST] = _unreadable(told.count() - before, first_s)
        self._read.append((first_s, end_s, found))
        return found


def _unreadable(lines: int, at_s: float) -> TagRows:
    """Rows that cannot be decoded: whoever adds up what is here learns that something is missing."""
    return TagRows(np.full(lines, at_s), np.ones(lines), [""] * lines)


def _place(file: IO[bytes], size: int, at_s: float) -> tuple[int, int]:
    """Where lines begin just before and just after those of a moment."""
    low, high = 0, size
    while high - low > _NEAR_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()
        if _begins_s(file.readline()) < at_s:
            low = middle
        else:
            high = middle
    return _line_after(file, low) if low else 0, _line_after(file, high)


def _line_after(file: IO[bytes], place: int) -> int:
    file.seek(place)
    file.readline()
    return file.tell()


def _begins_s(line: bytes) -> float:
    fields = line.split(b",", 2)
    try:
        return float(fields[1] if line.startswith(b"Tag=") else fields[0])
    except (ValueError, IndexError):
        return -math.inf


def _without(spans: Spans, taken: Spans) -> Spans:
    """What is left of the spans without others; both ascend and do not overlap."""
    return tuple(_left(spans, taken))


def _left(spans: Spans, taken: Spans) -> Iterator[tuple[float, float]]:
    for start_s, end_s in spans:
        at_s = start_s
        for first_s, last_s in taken:
            if last_s <= at_s or first_s >= end_s:
                continue
            if first_s > at_s:
                yield at_s, first_s
            at_s = last_s
        if at_s < end_s:
            yield at_s, end_s
