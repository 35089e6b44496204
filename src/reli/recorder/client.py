"""Locust's side of the recorder: starts it and feeds it without ever blocking the load."""

from __future__ import annotations

import dataclasses
import logging
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event

from reli.recorder import protocol
from reli.recorder.checkpoint import Checkpoint
from reli.recorder.outbox import Outbox
from reli.recorder.settings import Resume
from reli.recorder.told import Abort
from reli_analysis.errors import RecordError
from reli_analysis.record import read_run_info
from reli_analysis.record.run import write_run_info

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reli.recorder.settings import Settings
    from reli_analysis.record import RunInfo

_log = logging.getLogger(__name__)

_START_TIMEOUT_S = 20
_END_TIMEOUT_S = 30
_DEATH_TIMEOUT_S = 5


class RecorderClient:
    """One record and the process that writes it. ``send`` queues; greenlets of its own work.

    A recorder that is killed or crashes is started again, once, and goes on with the record: what
    it had not said to be written is sent again. Locust has patched ``subprocess`` by the time this
    is used, so that pipes wait cooperatively.
    """

    def __init__(
        self,
        info: RunInfo,
        settings: Settings,
        on_told: Callable[[dict[str, Any]], None] | None = None,
        on_abort: Callable[[Abort], None] | None = None,
    ) -> None:
        """Start the recorder; raises ``RecordError`` when it cannot make the record.

        ``on_told`` is given each interval that was written, as ``reli.live.wire`` has it;
        ``on_abort`` once a budget that ends the run when it breaks.
        """
        self._info = info
        self._settings = settings
        self._on_told = on_told
        self._on_abort = on_abort
        self._outbox = Outbox()
        self._wake = Event()
        self._may_restart = True
        self._code: int | None = None
        self.trouble = ""
        """Why nothing is recorded any more; empty as long as it is."""
        self.directory = ""
        self._start(None)
        self._keeper = gevent.spawn(self._keep)

    def _start(self, resume: Resume | None) -> None:
        self._process = subprocess.Popen(
            # -P keeps a locustfile's neighbours (a file named http.py, say) from shadowing modules.
            [sys.executable, "-P", "-m", "reli.recorder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C for Locust is not one for the record
        )
        begin = {
            "info": self._info.to_json(),
            "settings": self._settings.to_json(),
            "resume": resume.to_json() if resume else None,
        }
        self._write(protocol.message("begin", begin))
        answer = self._answer()
        self.directory = str(answer["directory"])
        self._at = Checkpoint.from_json(answer["checkpoint"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = b""
        with suppress(gevent.Timeout), gevent.Timeout(_START_TIMEOUT_S):
            line = self._process.stdout.readline()
        if not line:
            ended = self._process.poll() is not None
            self._process.kill()
            how = "ended as it began" if ended else f"did not start within {_START_TIMEOUT_S} s"
            raise RecordError(f"the recorder {how}; see its error above")
        answer = protocol.parse(line)
        if answer["kind"] == "error":
            raise RecordError(answer["message"])
        return answer

    def send(self, kind: str, body: Mapping[str, Any]) -> None:
        """Queue one message; a recorder that takes none has failed once too much waits for it."""
        if not self.trouble and not self._outbox.put(kind, body):
            self.trouble = "the recorder takes nothing more"
        self._wake.set()

    @property
    def waiting_bytes(self) -> int:
        """What the recorder has not taken yet."""
        return self._outbox.unsent_bytes

    @property
    def alive(self) -> bool:
        """Whether what is sent is still recorded."""
        return not self.trouble

    def _keep(self) -> None:
        """Feed the recorder and hear it until it has ended for good."""
        while True:
            self._code = self._serve()
            if self._code in (0, protocol.STOPPED):
                break
            cause = _cause(self._code)
            if not self._may_restart:
                self.trouble = self.trouble or f"the recorder has ended again, {cause}"
                break
            self._may_restart = False
            _log.error("reli: the recorder has ended, %s; it is started again", cause)
            try:
                self._start(Resume(self.directory, self._at, cause))
            except RecordError as error:
                self.trouble = f"the recorder has ended, {cause}, and cannot go on: {error}"
                break
            self._outbox.rewind()
        self.trouble = self.trouble or "the recorder has ended"

    def _serve(self) -> int:
        """One life of the recorder; returns its exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        writer = gevent.spawn(self._feed)
        with suppress(OSError):
            while (line := self._process.stdout.readline()).endswith(b"\n"):
                self._hear(protocol.parse(line))
        writer.kill()
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()
        try:
            return self._process.wait(_DEATH_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _feed(self) -> None:
        while True:
            self._wake.clear()
            while (line := self._outbox.next()) is not None:
                if not self._write(line):
                    return
            self._wake.wait()

    def _write(self, line: bytes) -> bool:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def _hear(self, data: dict[str, Any]) -> None:
        match data.pop("kind"):
            case "told":
                self._at = Checkpoint.from_json(data.pop("checkpoint"))
                self._outbox.acknowledge(self._at)
                self._tell_abort(data.pop("abort"))
                if self._on_told is not None:
                    self._show(data)
            case "stopped":
                self.trouble = f"the recorder has stopped: {data['reason']}"

    def _tell_abort(self, abort: dict[str, Any] | None) -> None:
        if abort is not None and self._on_abort is not None:
            on_abort, self._on_abort = self._on_abort, None
            on_abort(Abort(**abort))

    def _show(self, told: dict[str, Any]) -> None:
        assert self._on_told is not None
        try:
            self._on_told(told)
        except Exception:  # noqa: BLE001 -- what is shown must not end what is recorded
            _log.exception("reli: an interval could not be shown")
            self._on_told = None

    def finish(self, state: str, reason: str) -> bool:
        """End the record and wait for the recorder; returns whether it ended in order."""
        if self.alive:
            self.send("finish", {"state": state, "reason": reason})
            self._keeper.join(timeout=_END_TIMEOUT_S)
        if not self._keeper.ready():
            self._may_restart = False
            self._process.kill()
            self._keeper.join(timeout=_DEATH_TIMEOUT_S)
        if self._code == 0:
            return True
        self._note_lost(reason or self.trouble)
        return False

    def _note_lost(self, reason: str) -> None:
        """Say in the record that its writer is gone: nobody else is left who could."""
        directory = Path(self.directory)
        with suppress(RecordError, OSError):
            info = read_run_info(directory)
            if info.state == "running":
                info = dataclasses.replace(info, state="lost", state_reason=reason)
                write_run_info(directory, info)


def _cause(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"with exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
