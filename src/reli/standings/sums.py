"""Plain sums of a few numbers over pieces and sliding windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from reli.standings.pieces import P

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class PieceSums(Generic[P]):
    """The sums of some numbers of each interval."""

    def __init__(self, numbers: Callable[[P], Sequence[float]]) -> None:
        self._numbers = numbers
        self._sums: Sequence[float] = ()

    def add(self, counted: P) -> None:
        numbers = self._numbers(counted)
        self._sums = [
            a + b for a, b in zip(self._sums or [0.0] * len(numbers), numbers, strict=True)
        ]

    def item(self) -> Sequence[float]:
        return self._sums


class WindowSums:
    """The sums of some numbers in a window, and what they come to."""

    def __init__(self, numbers: int, value: Callable[[Sequence[float]], float | None]) -> None:
        self._sums = [0.0] * numbers
        self._value = value

    def add(self, item: Sequence[float]) -> None:
        self._sums = [a + b for a, b in zip(self._sums, item, strict=True)]

    def remove(self, item: Sequence[float]) -> None:
        self._sums = [a - b for a, b in zip(self._sums, item, strict=True)]

    def value(self) -> float | None:
        return self._value(self._sums)
