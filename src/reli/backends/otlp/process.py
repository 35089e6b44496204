"""The collector as its parent sees it: a child process and the counters that both share."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

from reli.backends.otlp.counters import CollectorCounts, SharedCounters
from reli.backends.otlp.modes import parse_mode
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from types import TracebackType

_START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 5.0


class CollectorProcess:
    """A running collector; it ends with its parent, however that dies.

    It has a session of its own, so that Ctrl-C or a signal to the parent's process group leaves it
    alive until the last spans are flushed.
    """

    def __init__(self, mode: str = "ok") -> None:
        """Start the child and wait for its port; raises ``InputError`` for a mode it cannot read.

        Under gevent all waiting gives way to other greenlets.
        """
        parse_mode(mode)
        descriptor = os.memfd_create("collector-counters")
        try:
            self._counters = SharedCounters(descriptor)
            self._process = self._spawn(mode, descriptor)
        finally:
            os.close(descriptor)
        self._final: CollectorCounts | None = None
        try:
            self.port = self._wait_for_port()
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _spawn(mode: str, descriptor: int) -> subprocess.Popen[bytes]:
        # -P keeps the working directory, which is the user's, from shadowing modules.
        command = [sys.executable, "-P", "-m", "reli.backends.otlp", "--mode", mode]
        command += ["--counters-fd", str(descriptor), "--parent", str(os.getpid())]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=(descriptor,),
            start_new_session=True,
        )

    def _wait_for_port(self) -> int:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not (port := self.counts().port):
            if not self.alive:
                raise InputError(
                    f"the collector ended with exit code {self._process.returncode} before it "
                    "was ready; its own words are above"
                )
            if time.monotonic() > deadline:
                raise InputError(f"the collector was not ready within {_START_TIMEOUT_S:g} s")
            time.sleep(0.02)
        return port

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def endpoint(self) -> str:
        """The URL that spans are posted to."""
        return f"http://127.0.0.1:{self.port}/v1/traces"

    def counts(self) -> CollectorCounts:
        """The counters now, or the last ones of a collector that has ended; never blocks."""
        return self._counters.read() if self._final is None else self._final

    def stop(self) -> None:
        """End the child and keep its last counters; calling it again does nothing."""
        if self._final is not None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._final = self._counters.read()
        self._counters.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
