"""Numbers for texts over all batches, at most so many; the others are counted together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.readers.request_log.batch import Labels


class Names:
    """Texts get numbers in the order in which they are seen; past ``most`` all get the last."""

    def __init__(self, most: int, other: str) -> None:
        self._most, self._other = most, other
        self._numbers: dict[str, int] = {}
        self.folded = 0
        """How many rows were counted under ``other``."""

    def numbers(self, labels: Labels) -> NDArray[np.int64]:
        """The number of each row's text."""
        if not len(labels):
            return np.empty(0, np.int64)
        used = np.bincount(labels.codes, minlength=len(labels.texts))
        table = np.zeros(len(labels.texts), np.int64)
        for code in np.flatnonzero(used).tolist():
            table[code] = self._number(labels.texts[code], int(used[code]))
        return table[labels.codes]

    def _number(self, text: str, rows: int) -> int:
        known = self._numbers.get(text)
        if known is not None:
            return known
        if len(self._numbers) < self._most:
            return self._numbers.setdefault(text, len(self._numbers))
        self.folded += rows
        return self._most

    def text(self, number: int) -> str:
        """The text of a number."""
        return self._other if number == self._most else list(self._numbers)[number]

    def texts(self) -> list[str]:
        """All texts by number, the folded ones last."""
        return [*self._numbers, *([self._other] if self.folded else [])]
