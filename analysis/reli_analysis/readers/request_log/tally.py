"""Counts of whole numbers that come in batches, in memory that grows with the distinct ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PENDING = 1 << 20
_DENSE = 4


def counted(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct keys in order, and how often each occurs."""
    if not len(keys):
        return keys, np.empty(0, np.int64)
    lowest, highest = int(keys.min()), int(keys.max())
    if highest - lowest < _DENSE * len(keys):
        counts = np.bincount(keys - lowest)
        found = np.flatnonzero(counts)
        return found + lowest, counts[found]
    ordered = np.sort(keys)
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[first], np.diff(first, append=len(keys))


class Tally:
    """Keys with their counts; batches are joined when many of them wait."""

    def __init__(self) -> None:
        self._waiting: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._entries = 0

    def add(self, keys: NDArray[np.int64]) -> None:
        """Count each of these keys once."""
        batch = counted(keys)
        self._waiting.append(batch)
        self._entries += len(batch[0])
        # Joining costs as much as all that is kept, so as much must have come since.
        if self._entries > max(_PENDING, 2 * len(self._waiting[0][0])):
            self.items()

    def items(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The distinct keys in order, and their counts."""
        if len(self._waiting) != 1:
            self._waiting = [self._joined()]
            self._entries = len(self._waiting[0][0])
        return self._waiting[0]

    def _joined(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        nothing = np.empty(0, np.int64)
        keys = np.concatenate([nothing, *(keys for keys, _counts in self._waiting)])
        counts = np.concatenate([nothing, *(counts for _keys, counts in self._waiting)])
        if not len(keys):
            return keys, counts
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        return keys[first], np.add.reduceat(counts[order], first)
