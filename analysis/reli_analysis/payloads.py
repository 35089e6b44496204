"""Encoded histograms that stay in their file: the text of each is read when it is asked for."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_NEAR_BYTES = 4 << 10
_MOST_BYTES = 4 << 20


class Payloads(Sequence[str]):
    """The texts at some places of a file; ``offset`` and ``size`` are in bytes, of one length.

    What was cut off from the file meanwhile reads as empty texts, which are told like any other
    histogram that cannot be decoded.
    """

    def __init__(self, path: Path, offset: NDArray[np.int64], size: NDArray[np.int64]) -> None:
        self._path = path
        self._offset = offset
        self._size = size

    def __len__(self) -> int:
        return len(self._offset)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return self.at(np.arange(len(self))[at])
        return self.at(np.array([at]))[0]

    def only(self, places: NDArray[np.int64]) -> Payloads:
        """Some of them, still not read."""
        return Payloads(self._path, self._offset[places], self._size[places])

    def at(self, places: NDArray[np.int64]) -> list[str]:
        """The texts of some rows, in the order in which they are named."""
        offsets, sizes = self._offset[places], self._size[places]
        order = np.argsort(offsets, kind="stable")
        starts, ends = offsets[order], offsets[order] + sizes[order]
        # Neighbours are read at once; what lies between distant rows is not read at all.
        apart = (starts[1:] - ends[:-1] > _NEAR_BYTES) | (np.diff(starts // _MOST_BYTES) > 0)
        cuts = [0, *(np.flatnonzero(apart) + 1).tolist(), len(order)]
        texts = [""] * len(places)
        with self._path.open("rb") as file:
            for first, end in itertools.pairwise(cuts):
                if first == end:
                    continue
                begin = int(starts[first])
                file.seek(begin)
                data = file.read(int(ends[first:end].max()) - begin).decode("latin-1")
                for row, a, b in zip(
                    order[first:end].tolist(),
                    (starts[first:end] - begin).tolist(),
                    (ends[first:end] - begin).tolist(),
                    strict=True,
                ):
                    texts[row] = data[a:b]
        return texts


@dataclass(frozen=True)
class Chosen(Sequence[str]):
    """Some rows of several sequences of payloads as one, without reading them.

    Row i is ``parts[part[i]][place[i]]``.
    """

    parts: Sequence[Sequence[str]]
    part: NDArray[np.int64]
    place: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.part)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if not isinstance(at, slice):
            return self.parts[int(self.part[at])][int(self.place[at])]
        part, place = self.part[at], self.place[at]
        texts = [""] * len(part)
        for number in np.unique(part).tolist():
            rows = np.flatnonzero(part == number)
            found = _texts(self.parts[number], place[rows])
            for row, text in zip(rows.tolist(), found, strict=True):
                texts[row] = text
        return texts


def _texts(payloads: Sequence[str], places: NDArray[np.int64]) -> list[str]:
    if isinstance(payloads, Payloads):
        return payloads.at(places)
    return [payloads[place] for place in places.tolist()]
