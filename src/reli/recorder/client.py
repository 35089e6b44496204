"""Locust's side of the recorder: starts it and feeds it without ever blocking the load."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import gevent
from gevent.queue import Queue

from reli.recorder import protocol
from reli_analysis.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from reli_analysis.record import RunInfo

_START_TIMEOUT_S = 20
_END_TIMEOUT_S = 30

MAX_QUEUED_BYTES = 64 * 2**20
"""What waits for a recorder that hangs; ten minutes and more of a usual run."""


class RecorderClient:
    """One recorder process. ``send`` queues; a greenlet of its own writes.

    Locust has patched ``subprocess`` by the time this is used, so that pipes wait cooperatively.
    """

    def __init__(
        self,
        parent: Path,
        info: RunInfo,
        *,
        uss_every_s: float,
        show_progress: bool,
        metrics_port: int | None,
    ) -> None:
        """Start the recorder; raises ``RecordError`` when it cannot make the record."""
        self._process = subprocess.Popen(
            # -P keeps a locustfile's neighbours (a file named http.py, say) from shadowing modules.
            [sys.executable, "-P", "-m", "reli.recorder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C for Locust is not one for the record
        )
        self._queue: Queue[bytes | None] = Queue()
        self.queued_bytes = 0
        """What the recorder has not yet taken; bounded by ``MAX_QUEUED_BYTES``."""
        self.failed = False
        begin = {
            "parent": str(parent),
            "info": info.to_json(),
            "uss_every_s": uss_every_s,
            "show_progress": show_progress,
            "metrics_port": metrics_port,
        }
        self._write(protocol.message("begin", begin))
        self.directory = self._answer()
        self._writer = gevent.spawn(self._work)

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = b""
        with suppress(gevent.Timeout), gevent.Timeout(_START_TIMEOUT_S):
            line = self._process.stdout.readline()
        if not line:
            self._process.kill()
            raise RecordError(
                f"the recorder did not start within {_START_TIMEOUT_S} s; see its error above"
            )
        answer = json.loads(line)
        if answer["kind"] == "error":
            raise RecordError(answer["message"])
        return str(answer["directory"])

    def send(self, kind: str, body: Mapping[str, Any]) -> None:
        """Queue one message; a recorder that takes none has failed once too much waits for it."""
        line = protocol.message(kind, body)
        if self.queued_bytes + len(line) > MAX_QUEUED_BYTES:
            self.failed = True
        if not self.failed:
            self.queued_bytes += len(line)
            self._queue.put(line)

    def _work(self) -> None:
        while (line := self._queue.get()) is not None:
            self._write(line)
            self.queued_bytes -= len(line)
            if self.failed:
                return

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (BrokenPipeError, OSError, ValueError):
            self.failed = True

    @property
    def alive(self) -> bool:
        """Whether the recorder still takes what it is sent."""
        return not self.failed and self._process.poll() is None

    def finish(self, state: str, reason: str) -> bool:
        """End the record and wait for the recorder; returns whether it ended in order."""
        self.send("finish", {"state": state, "reason": reason})
        self._queue.put(None)
        self._writer.join(timeout=_END_TIMEOUT_S)
        try:
            return self._process.wait(timeout=_END_TIMEOUT_S) == 0
        except subprocess.TimeoutExpired:
            self._process.kill()
            return False
