"""The recorder of a run of Locust's: reads its messages, samples on time, writes."""

from __future__ import annotations

import os
import select
import signal
import sys
from typing import TYPE_CHECKING, Any

from reli.recorder import protocol
from reli.recorder.channel import Channel
from reli.recorder.recording import Recorder
from reli.recorder.settings import Resume, Settings
from reli_analysis.errors import RecordError, ReliError
from reli_analysis.record import RunInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Lines:
    """Complete lines from a descriptor, without ever waiting longer than asked."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._rest = b""
        self.ended = False

    def within(self, timeout_s: float) -> Iterator[bytes]:
        """The lines that arrive within a time; returns early after the first that do."""
        if not self._poll.poll(max(0.0, timeout_s) * 1000):
            return
        chunk = os.read(self._fd, 1 << 20)
        if not chunk:
            self.ended = True
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        yield from lines

    def first(self) -> bytes | None:
        """The first line of all, however long it takes; ``None`` when there is none."""
        while not self.ended:
            for line in self.within(60):
                return line
        return None


class Feed:
    """Hands what Locust sends to the recorder."""

    def __init__(self, recorder: Recorder, lines: Lines) -> None:
        self._recorder = recorder
        self._lines = lines
        self._end: tuple[str, str] | None = None

    def run(self) -> None:
        """Work until the run has ended, the process that feeds us has, or the disk is full."""
        recorder = self._recorder
        while self._end is None and not self._lines.ended and not recorder.stopped:
            for line in self._lines.within(recorder.wait_s):
                self._handle(protocol.parse(line))
            recorder.sample()
            recorder.write()
        if recorder.stopped:
            self._end = "lost", recorder.stopped
        if self._end is None:
            self._end = "lost", "Locust ended without saying so"
            recorder.event("recorder", "locust", self._end[1])
        recorder.end(*self._end)

    def _handle(self, data: dict[str, Any]) -> None:
        match data["kind"]:
            case "interval":
                self._recorder.take(protocol.interval_row(data))
            case "process":
                self._recorder.watch(data["pid"], carries_load=data["carries_load"])
            case "event":
                self._recorder.sent_event(data["event"], data["subject"], data["message"])
            case "finish":
                self._end = (data["state"], data["reason"])
            case unknown:
                raise RecordError(f'the recorder does not know the message "{unknown}"')


def _open(begin: Mapping[str, Any]) -> Recorder:
    info = RunInfo.from_json(begin["info"], "the begin message")
    resume = Resume.from_json(begin["resume"]) if begin["resume"] else None
    return Recorder(info, Settings(**begin["settings"]), resume)


def main() -> int:
    """Serve one run on standard input; answers and what is written go to standard output.

    Returns 0 when the record was ended in order, ``protocol.STOPPED`` when its disk takes no more.
    """
    # Ctrl-C goes to the whole process group; Locust tells us when the run is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lines = Lines(sys.stdin.fileno())
    first = lines.first()
    if first is None:
        return 2
    try:
        recorder = _open(protocol.parse(first))
    except (ReliError, OSError) as error:
        text = str(error) if isinstance(error, ReliError) else f"the run record: {error}"
        sys.stdout.write(protocol.message("error", {"message": text}).decode())
        return 2
    channel = Channel(sys.stdout.fileno(), recorder.checkpoint)
    begun = {
        "directory": str(recorder.directory),
        "checkpoint": recorder.checkpoint().to_json(),
    }
    channel.send("directory", begun)
    recorder.observers.append(channel)
    try:
        Feed(recorder, lines).run()
        reason = recorder.stopped
    except OSError as error:
        reason = recorder.give_up(error)
    if reason:
        channel.send("stopped", {"reason": reason})
        return protocol.STOPPED
    return 0
