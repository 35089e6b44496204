"""Reads the rows of a record's CSV file as it grows, in bounded memory.

A row is a line that ends in a line break: what was torn or is being written is read once it is
whole. Columns are found by the header's names, so that a file of another version reads as far as it
is known.
"""

from __future__ import annotations

import csv
import os
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

CHUNK_BYTES = 1 << 20
_LONGEST_LINE = 1 << 20


class Tail:
    """The chosen columns of one CSV file."""

    def __init__(
        self, path: Path, columns: Sequence[str], only: tuple[str, Collection[str]] | None = None
    ) -> None:
        """``only`` is a column and the values that it must have in a row that is read.

        A file without that column has no such row left out.
        """
        self._path = path
        self._columns = columns
        self._only = only
        self._identity: tuple[int, int] | None = None
        self._rest = b""
        self._places: list[int] | None = None
        self._width = 0
        self._only_place = -1
        self.read_bytes = 0
        """How much of the file was read."""

    @property
    def size_bytes(self) -> int:
        """How long the file is; 0 when it is not there."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The cells of the rows in the next chunk; empty where the file lacks a column."""
        lines = self._lines()
        if self._places is None and lines:
            self._begin(lines.pop(0))
        places, width, only = self._places, self._width, self._only
        for line in lines:
            if only is not None and self._only_place >= 0 and '"' not in line:
                # Most rows are left out: they are not cut to their last cell.
                cells = line.split(",", self._only_place + 1)
                if len(cells) > self._only_place and cells[self._only_place] not in only[1]:
                    continue
            cells = _cells(line)
            if len(cells) != width or places is None:
                continue
            if self._only_place >= 0 and only and cells[self._only_place] not in only[1]:
                continue
            yield tuple(cells[place] if place >= 0 else "" for place in places)

    def _begin(self, header: str) -> None:
        names = _cells(header)
        self._width = len(names)
        self._places = [names.index(name) if name in names else -1 for name in self._columns]
        if self._only is not None and self._only[0] in names:
            self._only_place = names.index(self._only[0])

    def _lines(self) -> list[str]:
        try:
            with self._path.open("rb") as file:
                chunk = self._chunk(file)
        except OSError:
            return []
        *lines, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest if len(rest) < _LONGEST_LINE else b""
        return [line.decode("utf-8", "replace") for line in lines]

    def _chunk(self, file: IO[bytes]) -> bytes:
        """The next bytes; from the start again when another file took the place of the one before."""
        there = os.fstat(file.fileno())
        identity = (there.st_dev, there.st_ino)
        if identity != self._identity:
            self._identity, self._rest, self._places, self._only_place = identity, b"", None, -1
            self.read_bytes = 0
        if there.st_size < self.read_bytes:
            # A recorder that was started again cut what it will write anew.
            self._rest, self.read_bytes = b"", there.st_size
        file.seek(self.read_bytes)
        chunk = file.read(CHUNK_BYTES)
        self.read_bytes += len(chunk)
        return chunk


def _cells(line: str) -> list[str]:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []
