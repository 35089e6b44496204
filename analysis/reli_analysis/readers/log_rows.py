"""Rows of an interval log as arrays: their histograms stay in the file until they are asked for.

Two days of a hundred endpoints are two million rows and half a gigabyte. So a block of lines is
taken apart with numpy, and of a row only its time, its tag and its place in the file are kept.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.latency_rows import TagRows
from reli_analysis.payloads import Payloads
from reli_analysis.record.hlog import parse_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from numpy.typing import NDArray

    from reli_analysis.readers.problems import Problems

_BLOCK_BYTES = 4 << 20
_TAG = b"Tag="


class LogRows(NamedTuple):
    """Some rows, arrays of one length: times, number of the tag, and where the payload lies."""

    start_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    tag: NDArray[np.int64]
    offset: NDArray[np.int64]
    size: NDArray[np.int64]

    def at(self, places: NDArray[np.bool_] | NDArray[np.int64]) -> LogRows:
        """Some of the rows, or all in another order."""
        times = self.start_s[places], self.length_s[places]
        return LogRows(*times, self.tag[places], self.offset[places], self.size[places])


def joined(parts: Sequence[LogRows]) -> LogRows:
    """All of them, one part after the other."""
    return LogRows(
        np.concatenate([np.empty(0), *(part.start_s for part in parts)]),
        np.concatenate([np.empty(0), *(part.length_s for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.tag for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.offset for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.size for part in parts)]),
    )


def read_rows(
    file: IO[bytes], first: int, end: int, tags: dict[bytes, int], problems: Problems
) -> Iterator[LogRows]:
    """The rows of the lines between two places of a file, a block after the other.

    ``first`` is where a line begins. ``tags`` numbers the tags, and grows.
    """
    rest, number, offset = b"", 1, first
    file.seek(first)
    while data := file.read(min(_BLOCK_BYTES, end - offset - len(rest))):
        lines = rest + data
        whole = lines.rfind(b"\n") + 1
        lines, rest = lines[:whole], lines[whole:]
        if whole:
            found = _by_arrays(lines, offset, tags)
            yield found or _by_line(lines, offset, number, tags, problems)
            number += lines.count(b"\n")
            offset += whole
    if rest:
        problems.add("torn", "the last line was cut off and is left out")


def rows_by_tag(path: Path, first: int, end: int, problems: Problems) -> dict[str, TagRows]:
    """The same by tag, without rows that have no time; these are told."""
    tags: dict[bytes, int] = {}
    with path.open("rb") as file:
        rows = joined(tuple(read_rows(file, first, end, tags, problems)))
    timed = np.isfinite(rows.start_s) & (rows.length_s > 0) & (rows.length_s < np.inf)
    if not timed.all():
        left = int((~timed).sum())
        problems.add("time", "a row has no time or no length; it is left out", left)
        rows = rows.at(timed)
    rows = rows.at(np.argsort(rows.tag, kind="stable"))
    borders = np.searchsorted(rows.tag, np.arange(len(tags) + 1)).tolist()
    return {
        tag.decode("ascii"): TagRows(
            rows.start_s[first:end],
            rows.length_s[first:end],
            Payloads(path, rows.offset[first:end], rows.size[first:end]),
        )
        for tag, first, end in zip(tags, borders, borders[1:], strict=False)
        if end > first
    }


def _by_arrays(lines: bytes, offset: int, tags: dict[bytes, int]) -> LogRows | None:
    """``None`` when a line is none that reli writes."""
    data = np.frombuffer(lines, np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    begins = np.concatenate(([0], ends[:-1] + 1))
    commas = np.flatnonzero(data == ord(","))
    first = np.searchsorted(commas, begins)
    kind = data[begins]
    rows = (kind != ord("#")) & (kind != ord('"'))
    begins, ends, first = begins[rows], ends[rows], first[rows]
    tagged = data[begins] == ord("T")
    expected = np.where(tagged, 4, 3)
    if not len(begins):
        return joined(())
    if not np.array_equal(np.searchsorted(commas, ends) - first, expected):
        return None
    after = np.where(tagged, commas[first] + 1, begins)
    at_length, at_payload = commas[first + tagged + 1], commas[first + tagged + 2]
    times = _numbers(data, after, at_length + 1)
    if times is None or len(times) != 2 * len(begins):
        return None
    codes = _codes(lines, begins, np.where(tagged, after - 1, begins), tags)
    if codes is None:
        return None
    return LogRows(
        times[::2], times[1::2], codes, offset + at_payload + 1, ends - at_payload - 1
    )  # fmt: skip


def _numbers(
    data: NDArray[np.uint8], first: NDArray[np.int64], end: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """The numbers in some slices of text, each of which ends with a comma."""
    sizes = end - first
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    text = data[np.repeat(first, sizes) + within].tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # so numpy tells of what is no number
        try:
            return np.fromstring(text.rstrip(b","), np.float64, sep=",")
        except (DeprecationWarning, ValueError):
            return None


def _codes(
    lines: bytes, first: NDArray[np.int64], end: NDArray[np.int64], tags: dict[bytes, int]
) -> NDArray[np.int64] | None:
    """The number of each row's tag; an untagged row's is empty."""
    words = [lines[a:b] for a, b in zip(first.tolist(), end.tolist(), strict=True)]
    for word in dict.fromkeys(words):
        if word in tags:
            continue
        if (word and not word.startswith(_TAG)) or not word.isascii():
            return None
    known = {word: tags.setdefault(word[len(_TAG) :], len(tags)) for word in dict.fromkeys(words)}
    return np.array([known[word] for word in words], np.int64)


def _by_line(
    lines: bytes, offset: int, first_line: int, tags: dict[bytes, int], problems: Problems
) -> LogRows:
    """The same, with a word about each line that is no row."""
    found: list[tuple[float, float, int, int, int]] = []
    for number, line in enumerate(lines.split(b"\n")[:-1], start=first_line):
        offset += len(line) + 1
        try:
            row = parse_row(line.decode("ascii"))
        except (RecordError, UnicodeDecodeError):
            problems.add("row", f"line {number} is not a row of an interval log")
            continue
        if row is None:
            continue
        code = tags.setdefault(row.tag.encode("ascii"), len(tags))
        size = len(line) - line.rfind(b",") - 1
        found.append((row.start_s, row.length_s, code, offset - 1 - size, size))
    if not found:
        return joined(())
    starts, lengths, codes, offsets, sizes = zip(*found, strict=True)
    places = (np.array(column, np.int64) for column in (codes, offsets, sizes))
    return LogRows(np.array(starts), np.array(lengths), *places)
