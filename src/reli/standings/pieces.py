"""The pieces in which a record keeps what it counts: an interval, or ten for each endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from reli.standings.moment import TOLERANCE_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.standings.moment import Moment
    from reli.standings.sliding import SlidingWindows


class Counted(Protocol):
    """What is counted of one interval; ``afresh`` makes void all that was counted before."""

    @property
    def afresh(self) -> bool: ...


P = TypeVar("P", bound=Counted)
P_contra = TypeVar("P_contra", bound=Counted, contravariant=True)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Piece(Protocol[P_contra, T_co]):
    """What neighbouring intervals come to."""

    def add(self, counted: P_contra, /) -> None: ...

    def item(self) -> T_co:
        """The whole piece, in the form in which a window keeps it."""
        ...


class PieceWindows(Generic[P, T]):
    """Gathers neighbouring intervals and hands them to sliding windows.

    A piece ends after ``longest`` intervals, with its stage, and with its window of the run, as
    rows of ``requests.csv`` do; until then no window sees it. ``drain`` tells whether that of a
    steady stage counts.
    """

    def __init__(
        self,
        source: Callable[[Moment], P],
        windows: SlidingWindows[T],
        empty: Callable[[], Piece[P, T]],
        *,
        longest: int,
        drain: bool,
    ) -> None:
        self._source = source
        self._windows = windows
        self._empty = empty
        self._longest = longest
        self._drain = drain
        self._piece: Piece[P, T] | None = None
        self._place: tuple[str, int] | None = None
        self._stretch = 0
        self._since_s = self._until_s = 0.0

    def worst(self) -> float | None:
        """The worst of all windows so far that held enough."""
        return self._windows.worst

    def take(self, moment: Moment) -> None:
        """Take an interval; one outside the steady load ends the piece."""
        counted = self._source(moment)
        chosen = moment.judged if self._drain else moment.under_load
        place = (moment.row.stage, moment.stretch) if chosen else None
        if place != self._place:
            self.finish()
            self._since_s = moment.start_s
        self._place = place
        if counted.afresh:
            self._piece, self._windows.worst = None, None
        if counted.afresh or moment.stretch != self._stretch:
            self._windows.begin(moment.stretch_start_s)
        self._stretch = moment.stretch
        if chosen:
            self._add(moment, counted)

    def _add(self, moment: Moment, counted: P) -> None:
        if self._piece is None:
            self._piece = self._empty()
            if self._longest == 1:  # what is missing before it belongs to no piece
                self._since_s = moment.start_s
        self._piece.add(counted)
        self._until_s = moment.end_s
        longest_s = self._longest * (moment.end_s - moment.start_s)
        if self._until_s - self._since_s >= longest_s - TOLERANCE_S:
            self.finish()

    def finish(self) -> None:
        """Hand over the piece that is open."""
        if self._piece is not None:
            self._windows.add(self._since_s, self._until_s, self._piece.item())
            self._piece = None
            self._since_s = self._until_s
