"""Every sliding window of a budget that says ``over``, as soon as it is whole; the worst is kept.

The windows are those of ``reli_analysis.budgets.sliding``: one begins with every step from the
start of a steady stretch, as long as it ends in the same stretch.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from reli.standings.moment import TOLERANCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli_analysis.budgets import Budget

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Content(Protocol[T_contra]):
    """What lies in the window, as a sum to which is added and from which is taken."""

    def add(self, item: T_contra, /) -> None: ...

    def remove(self, item: T_contra, /) -> None: ...

    def value(self) -> float | None:
        """What it comes to; ``None`` when it is too little to count."""
        ...


class _Piece(NamedTuple, Generic[T]):
    start_s: float
    end_s: float
    item: T


class SlidingWindows(Generic[T]):
    """Slides over the pieces of a stretch; its memory is that of one window.

    A piece counts in the windows in which it begins, or (``whole``) in those that hold it whole.
    """

    def __init__(
        self,
        budget: Budget,
        step_s: float,
        content: Callable[[], Content[T]],
        *,
        whole: bool = False,
    ) -> None:
        assert budget.over_s is not None
        self.worst: float | None = None
        """The worst of all windows so far that held enough."""
        self._worse: Callable[[float, float], float] = max if budget.wants_less else min
        self._over_s = budget.over_s
        self._step_s = step_s
        self._empty = content
        self._whole = whole
        self.begin(0.0)

    def begin(self, stretch_s: float) -> None:
        """Begin a new stretch."""
        self._stretch_s = stretch_s
        self._windows = 0
        self._content = self._empty()
        self._inside: deque[_Piece[T]] = deque()
        self._ahead: deque[_Piece[T]] = deque()

    def add(self, start_s: float, end_s: float, item: T) -> None:
        """Add what follows in the stretch, and look at the windows that end by its end."""
        self._ahead.append(_Piece(start_s, end_s, item))
        if self._over_s < self._step_s - TOLERANCE_S:
            self._ahead.clear()  # shorter than what is recorded: the analysis does not judge them
            return
        last_s = end_s - self._over_s + TOLERANCE_S
        while (window_s := self._stretch_s + self._windows * self._step_s) < last_s:
            self._look(window_s, window_s + self._over_s)
            self._windows += 1

    def _look(self, start_s: float, end_s: float) -> None:
        while self._ahead and self._belongs(self._ahead[0], end_s):
            piece = self._ahead.popleft()
            self._inside.append(piece)
            self._content.add(piece.item)
        while self._inside and self._inside[0].start_s < start_s - TOLERANCE_S:
            self._content.remove(self._inside.popleft().item)
        value = self._content.value()
        if value is not None:
            self.worst = value if self.worst is None else self._worse(self.worst, value)

    def _belongs(self, piece: _Piece[T], end_s: float) -> bool:
        if self._whole:
            return piece.end_s < end_s + TOLERANCE_S
        return piece.start_s < end_s - TOLERANCE_S
