"""One load process: runs the service, measures its users, reports each interval."""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event
from locust.exception import StopTest
from locust.runners import WorkerRunner

from reli.arrivals import Share
from reli.clock import boot_id
from reli.wiring import gate, messages
from reli.wiring.lifeline import Lifeline
from reli.wiring.running import Running
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.env import Environment

    from reli.service import Service

_log = logging.getLogger(__name__)


_JOIN_TIMEOUT_S = 30.0


class LoadProcess:
    """The part of a run that lives in each process with users (a worker, or the only process)."""

    def __init__(
        self, environment: Environment, make_service: Callable[[], Service] | None
    ) -> None:
        self._environment = environment
        self._make_service = make_service
        self._begin: messages.Begin | None = None
        self._begun = Event()
        self._starting: gevent.Greenlet[..., None] | None = None
        self._running: Running | None = None
        self._lifeline: Lifeline | None = None
        runner = environment.runner
        assert runner is not None
        runner.register_message(messages.BEGIN, self._on_begin)
        runner.register_message(messages.END, self._on_end, concurrent=True)
        runner.register_message(messages.SHARE, self._on_share)
        environment.events.test_stop.add_listener(self._on_test_stop)
        if isinstance(runner, WorkerRunner):
            setattr(environment, gate.ATTRIBUTE, self)
            # A run that is under way was announced before this process could hear of it.
            self._send(messages.JOIN, {})
        else:
            environment.events.test_start.add_listener(self._on_test_start)

    def _send(self, kind: str, data: Any) -> None:
        runner = self._environment.runner
        assert runner is not None
        runner.send_message(kind, data)

    def _on_begin(self, msg: Any, **_others: Any) -> None:
        begin = messages.Begin.from_wire(msg.data)
        if begin == self._begin:
            return
        self._begin = begin
        self._begun.set()
        self._send(
            messages.HELLO,
            messages.Hello(os.getpid(), socket.gethostname(), boot_id()).to_wire(),
        )

    def may_start_users(self) -> bool:
        """Start the service, after any fork and before the first user; whether there is one.

        Locust calls this in a greenlet that it kills when the load changes meanwhile, and calls it
        again; so the start has a greenlet of its own, and this one waits for it.
        """
        if self._running is None and self._starting is None:
            if not self._begun.wait(_JOIN_TIMEOUT_S):
                _log.error("reli: the master tells of no run: no user starts")
                return False
            assert self._begin is not None
            self._starting = gevent.spawn(self._start, self._begin)
        if self._starting is not None:
            self._starting.join()
        return self._running is not None

    def _on_test_start(self, **_others: Any) -> None:
        """Locust's only process starts its users next."""
        if self._begun.is_set() and not self.may_start_users():
            raise StopTest("there is no run without its service")

    def _start(self, begin: messages.Begin) -> None:
        try:
            service = self._make_service() if self._make_service else None
            if service:
                service.start()
        except Exception as error:  # noqa: BLE001 -- a service may raise anything
            # A run whose service did not start measures nothing; the coordinator ends it.
            _log.exception("the service did not start")
            self._send(messages.FINAL, {"error": f"{type(error).__name__}: {error}"})
            return
        self._running = Running(self._environment, begin, service, self._send)
        if isinstance(self._environment.runner, WorkerRunner):
            self._lifeline = Lifeline(self._environment, self._running.pause, self._abandon)

    def _on_share(self, msg: Any, **_others: Any) -> None:
        if self._running is not None:
            self._running.assign(Share.from_wire(msg.data))

    def _on_end(self, **_others: Any) -> None:
        """The coordinator ends the run: stopping the users fires ``test_stop``."""
        runner = self._environment.runner
        assert runner is not None
        runner.stop()
        self.finish()

    def _abandon(self) -> None:
        """The master is gone: nothing would be recorded of what is loaded from now on."""
        self._environment.process_exit_code = Verdict.INVALID.exit_code
        runner = self._environment.runner
        assert runner is not None
        runner.quit()

    def _on_test_stop(self, **_others: Any) -> None:
        self.finish()

    def finish(self) -> None:
        """Drain the service and report what is left; the users have stopped. Does it once."""
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            lifeline.stop()
        self._begun.clear()
        running, self._running, self._starting = self._running, None, None
        if running is not None:
            running.finish()
