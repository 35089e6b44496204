"""What Locust's process has for the recorder, kept until the recorder says that it is written."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli.recorder import protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.recorder.checkpoint import Checkpoint

MOST_BYTES = 64 * 2**20
"""What may wait to be taken, and what may be kept to be sent again; ten minutes of a usual run."""

_MOST_PROCESSES = 4096


@dataclass(frozen=True)
class _Message:
    """``place`` is an interval's index or an event's number, by which they are acknowledged."""

    kind: str
    place: int
    line: bytes


class Outbox:
    """Messages in order: those that were sent and are not acknowledged, then those to be sent."""

    def __init__(self) -> None:
        self._sent: deque[_Message] = deque()
        self._unsent: deque[_Message] = deque()
        self._processes: dict[int, _Message] = {}
        self._events = 0
        self._sent_bytes = 0
        self.unsent_bytes = 0

    def put(self, kind: str, body: Mapping[str, Any]) -> bool:
        """Add a message; false when too much waits already, because the recorder takes none."""
        line = protocol.message(kind, body)
        if self.unsent_bytes + len(line) > MOST_BYTES:
            return False
        place = 0
        if kind == "interval":
            place = body["index"]
        elif kind == "event":
            self._events = place = self._events + 1
        message = _Message(kind, place, line)
        if kind == "process":
            self._processes[body["pid"]] = message
            if len(self._processes) > _MOST_PROCESSES:
                del self._processes[next(iter(self._processes))]
        self._wait(message)
        return True

    def _wait(self, message: _Message) -> None:
        self._unsent.append(message)
        self.unsent_bytes += len(message.line)

    def next(self) -> bytes | None:
        """The next line to send, which counts as sent from now on."""
        if not self._unsent:
            return None
        message = self._unsent.popleft()
        self.unsent_bytes -= len(message.line)
        if message.kind != "process":
            self._sent.append(message)
            self._sent_bytes += len(message.line)
        while self._sent_bytes > MOST_BYTES:
            self._sent_bytes -= len(self._sent.popleft().line)
        return message.line

    def acknowledge(self, at: Checkpoint) -> None:
        """Forget what is written for good."""
        self._sent = deque(message for message in self._sent if not _is_written(message, at))
        self._sent_bytes = sum(len(message.line) for message in self._sent)

    def rewind(self) -> None:
        """Everything that is not acknowledged is to be sent, to a recorder that knows nothing."""
        again = [*self._processes.values(), *self._sent]
        rest = [message for message in self._unsent if message.kind != "process"]
        self._sent.clear()
        self._unsent.clear()
        self._sent_bytes = self.unsent_bytes = 0
        for message in (*again, *rest):
            self._wait(message)


def _is_written(message: _Message, at: Checkpoint) -> bool:
    if message.kind == "interval":
        return message.place < at.gathered_from
    return message.kind == "event" and message.place <= at.events
