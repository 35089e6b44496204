"""What happened in a run, bounded: the newest events, those that matter before chatter; stages."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MATTERING = frozenset(
    {
        "restart",
        "exit",
        "breach",
        "worker",
        "recorder",
        "disk",
        "clock",
        "service",
        "appeared",
        "vanished",
        "attached",
    }
)
"""Kinds of events that explain a curve; they have room of their own beside all others."""

MOST_MATTERING = 100
MOST_OTHERS = 40
MOST_SPANS = 100


@dataclass(frozen=True)
class Event:
    """A row of ``events.csv``."""

    elapsed_s: float
    kind: str
    subject: str
    message: str


@dataclass(frozen=True)
class Span:
    """A stage in one window, from its first interval to the start of the next one's."""

    stage: str
    window: str
    start_s: float


class Events:
    """The newest events of a run."""

    def __init__(self) -> None:
        self._mattering: deque[Event] = deque(maxlen=MOST_MATTERING)
        self._others: deque[Event] = deque(maxlen=MOST_OTHERS)
        self.told = 0
        """How many there were, with those that are kept no more."""

    def take(self, event: Event) -> None:
        """Stages are spans, not events: each would be told twice."""
        if event.kind == "stage":
            return
        self.told += 1
        (self._mattering if event.kind in MATTERING else self._others).append(event)

    def leave_out(self, count: int) -> None:
        """Count events that were told without their text."""
        self.told += count

    def __len__(self) -> int:
        return len(self._mattering) + len(self._others)

    def __iter__(self) -> Iterator[Event]:
        """In the order of their time."""
        return iter(sorted((*self._mattering, *self._others), key=lambda event: event.elapsed_s))


class Spans:
    """The newest stages of a run; two neighbours that are alike are one."""

    def __init__(self) -> None:
        self.spans: deque[Span] = deque(maxlen=MOST_SPANS)
        self.begun = 0
        """How many there were, with those that are kept no more."""

    def take(self, stage: str, window: str, start_s: float) -> bool:
        """Returns whether another one begins."""
        last = self.spans[-1] if self.spans else None
        if last is not None and (last.stage, last.window) == (stage, window):
            return False
        self.begun += 1
        self.spans.append(Span(stage, window, start_s))
        return True
