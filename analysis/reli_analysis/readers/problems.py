"""Gathers what was wrong with a file into few sentences, however often it was wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.series import Damage

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 1e100
"""No measurement is larger; arithmetic with such numbers would only overflow later."""


@dataclass
class Problems:
    """Remembers the first place of each kind of trouble, and counts the others."""

    file: str
    _first: dict[str, str] = field(default_factory=dict)
    _count: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, message: str, count: int = 1) -> None:
        """Note trouble of a kind; only the first message of each kind is kept."""
        self._first.setdefault(kind, message)
        self._count[kind] = self._count.get(kind, 0) + count

    def count(self) -> int:
        """How often there was trouble, of any kind."""
        return sum(self._count.values())

    def damage(self) -> tuple[Damage, ...]:
        """One entry a kind: its first message, and how many more there were."""
        found = []
        for kind, message in self._first.items():
            more = self._count[kind] - 1
            found.append(Damage(self.file, f"{message} (and {more:,} more)" if more else message))
        return tuple(found)


def without_absurd(
    values: NDArray[np.float64], name: str, problems: Problems
) -> NDArray[np.float64]:
    """The values of a column with infinite and absurdly large ones missing, and told."""
    absurd = np.abs(values) > LARGEST
    if not absurd.any():
        return values
    problems.add(
        f"absurd {name}",
        f"column {name} holds infinite or absurdly large numbers, taken as missing",
    )
    return np.where(absurd, np.nan, values)
