"""Tells Locust's process of each interval that is written, and never waits for it."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reli.live.wire import told_to_json
from reli.recorder import protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reli.recorder.checkpoint import Checkpoint
    from reli.recorder.told import Told


class Channel:
    """Lines of JSON on a descriptor that is never waited for.

    A reader that does not keep up misses intervals, never the newest: a line that was begun is
    finished first, then the newest goes.
    """

    def __init__(self, descriptor: int, checkpoint: Callable[[], Checkpoint]) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor: int | None = descriptor
        self._checkpoint = checkpoint
        self._begun = b""
        self._newest = b""

    def tell(self, told: Told) -> None:
        """Send an interval with how far the record is written, as the last word on both."""
        body = {
            **told_to_json(told),
            "checkpoint": self._checkpoint().to_json(),
            "abort": told.abort and asdict(told.abort),
        }
        self.send("told", body)

    def send(self, kind: str, body: Mapping[str, Any]) -> None:
        """Send one message, in place of an older one that has not left yet."""
        self._newest = protocol.message(kind, body)
        self._begun = self._write(self._begun)
        if not self._begun:
            self._begun, self._newest = self._write(self._newest), b""

    def _write(self, line: bytes) -> bytes:
        """Write what fits now; returns the rest."""
        while line and self._descriptor is not None:
            try:
                line = line[os.write(self._descriptor, line) :]
            except BlockingIOError:
                return line
            except OSError:
                # Nobody reads any more; that Locust has ended shows at the other pipe.
                self._descriptor = None
        return b""

    def close(self) -> None:
        """Let go of the descriptor; it is closed with the process."""
        self._begun, self._newest = self._write(self._begun), b""
