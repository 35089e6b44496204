"""The events of a run: each is a row of ``events.csv``, and is told with the next interval."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from reli.recorder.told import EventRow
from reli_analysis.record.csvfile import clean_text, original_text
from reli_analysis.record.layout import EVENTS_CSV

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.clock import RunClock
    from reli_analysis.record import RecordWriter

_MOST_KEPT = 1000
"""Events between two intervals that are told of; all are written."""

Words = tuple[str, str, str]
"""Kind, subject and message."""


class EventLog:
    """Writes events, and keeps those that no observer was told of.

    ``written`` are events of a recorder that was killed: Locust sends again what it does not know
    to be written, and what is there already is not written twice.
    """

    def __init__(
        self, writer: RecordWriter, clock: RunClock, written: Iterable[Words] = ()
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._written = Counter(written)
        self._fresh: deque[EventRow] = deque(maxlen=_MOST_KEPT)

    def add(self, kind: str, subject: str, message: str, elapsed_s: float | None = None) -> None:
        """Write an event, of now unless a moment of the run is given."""
        at_s = self._clock.elapsed_s() if elapsed_s is None else elapsed_s
        self._fresh.append(EventRow(at_s, kind, subject, message))
        self._writer.row(
            EVENTS_CSV,
            {
                "elapsed_s": round(at_s, 3),
                "wall_s": round(self._clock.wall_s(at_s), 3),
                "kind": kind,
                "subject": subject,
                "message": message,
            },
        )

    def add_sent(self, kind: str, subject: str, message: str) -> None:
        """Write an event that Locust sent, unless the recorder before has written it."""
        words = (_read_back(kind), _read_back(subject), _read_back(message))
        if self._written[words] > 0:
            self._written[words] -= 1
            return
        self.add(kind, subject, message)

    def take(self) -> list[EventRow]:
        """The events since the last call."""
        taken = list(self._fresh)
        self._fresh.clear()
        return taken


def _read_back(text: str) -> str:
    """A text as a reader of the file sees it."""
    return original_text(clean_text(text))
