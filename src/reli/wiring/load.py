"""One load process: runs the service, measures its users, reports each interval."""

from __future__ import annotations

import logging
import os
import random
import socket
from typing import TYPE_CHECKING, Any

import gevent
from locust.exception import StopTest
from locust.runners import LocalRunner

from reli.clock import RunClock, boot_id
from reli.intervals import Part
from reli.plan import ITERATIONS, plan_from_json
from reli.stats import RequestStats
from reli.wiring import messages
from reli.wiring.pacing import Pacer
from reli.wiring.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from locust.env import Environment

    from reli.service import Service

_log = logging.getLogger(__name__)


class LoadProcess:
    """The part of a run that lives in each process with users (a worker, or the only process)."""

    def __init__(
        self, environment: Environment, make_service: Callable[[], Service] | None
    ) -> None:
        self._environment = environment
        self._make_service = make_service
        self._begin: messages.Begin | None = None
        self._starting: gevent.Greenlet[..., None] | None = None
        self._running: _Running | None = None
        runner = environment.runner
        assert runner is not None
        runner.register_message(messages.BEGIN, self._on_begin)
        runner.register_message(messages.END, self._on_end, concurrent=True)
        environment.events.test_start.add_listener(self._on_test_start)
        environment.events.test_stop.add_listener(self._on_test_stop)

    def _send(self, kind: str, data: Any) -> None:
        runner = self._environment.runner
        assert runner is not None
        runner.send_message(kind, data)

    def _on_begin(self, msg: Any, **_others: Any) -> None:
        self._begin = messages.Begin.from_wire(msg.data)
        self._send(
            messages.HELLO,
            messages.Hello(os.getpid(), socket.gethostname(), boot_id()).to_wire(),
        )

    def _on_test_start(self, **_others: Any) -> None:
        """Start the service, after any fork and before the first user.

        Locust fires this in a greenlet that it kills when the load changes meanwhile, and fires it
        again; so the start has a greenlet of its own, and this one waits for it.
        """
        if self._running is None and self._starting is None and self._begin is not None:
            begin, self._begin = self._begin, None
            self._starting = gevent.spawn(self._start, begin)
        if self._starting is None:
            return
        self._starting.join()
        if self._running is None and isinstance(self._environment.runner, LocalRunner):
            # Before any user starts. A worker must go on listening to its master instead.
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
        self._running = _Running(self._environment, begin, service, self._send)

    def _on_end(self, **_others: Any) -> None:
        """The coordinator ends the run: stopping the users fires ``test_stop``."""
        runner = self._environment.runner
        assert runner is not None
        runner.stop()
        self.finish()

    def _on_test_stop(self, **_others: Any) -> None:
        self.finish()

    def finish(self) -> None:
        """Drain the service and report what is left; the users have stopped. Does it once."""
        running, self._running, self._starting = self._running, None, None
        if running is not None:
            running.finish()


class _Running:
    """One run in one load process."""

    def __init__(
        self,
        environment: Environment,
        begin: messages.Begin,
        service: Service | None,
        send: Callable[[str, Any], None],
    ) -> None:
        self._environment = environment
        self._service = service
        self._send = send
        self._clock = RunClock.join(
            begin.start_s, begin.started_wall_s, begin.interval_s, begin.boot_id
        )
        index = getattr(environment.runner, "worker_index", 0)
        seed = f"{begin.seed}:{index}"
        random.seed(seed)
        plan = plan_from_json(begin.plan) if begin.plan else None
        self._pacer: Pacer | None = None
        if plan is not None and plan.load_unit == ITERATIONS:
            self._pacer = Pacer(self._clock, plan, seed)
            self._pacer.attach(environment.user_classes)
        self._stats = RequestStats()
        self._iterations = 0
        self._tap = Tap(environment.stats, self._stats)
        # Users find their service here (ServiceUser.service); Locust passes its environment to them.
        environment.reli_service = service  # type: ignore[attr-defined]
        self._next = int(self._clock.elapsed_s() / self._clock.interval_s)
        self._ticker = gevent.spawn(self._tick)
        self._ticker.link_exception(self._on_broken_ticker)

    def _on_broken_ticker(self, ticker: gevent.Greenlet[..., None]) -> None:
        """Without reports the load would go on unrecorded: have the coordinator end the run."""
        self._send(
            messages.FINAL, {"error": f"intervals are no longer reported: {ticker.exception}"}
        )

    def _tick(self) -> None:
        """Close each interval at its end. What a stall slept through is reported as silent."""
        interval_s = self._clock.interval_s
        while True:
            due_s = (self._next + 1) * interval_s
            gevent.sleep(self._clock.until_s(due_s))
            lag_s = self._clock.elapsed_s() - due_s
            if lag_s < 0:
                continue
            self._report(lag_s)
            for _ in range(int(lag_s / interval_s)):
                silent = Part(self._next, self._users(), 0, lag_s * 1000)
                self._next += 1
                self._send(messages.PART, silent.to_wire())

    def _users(self) -> int:
        runner = self._environment.runner
        assert runner is not None
        return int(runner.user_count)

    def _report(self, lag_s: float) -> None:
        endpoints, failures = self._stats.close()
        before = self._iterations
        if self._pacer is not None:
            self._iterations = self._pacer.iterations
        part = Part(
            index=self._next,
            users=self._users(),
            iterations=self._iterations - before,
            lag_ms=round(lag_s * 1000, 3),
            endpoints=endpoints,
            failures=failures,
            metrics=self._read(),
        )
        self._next += 1
        self._send(messages.PART, part.to_wire())

    def _read(self) -> Mapping[str, float]:
        if self._service is None:
            return {}
        try:
            return {name: float(value) for name, value in self._service.read().items()}
        except Exception:  # noqa: BLE001 -- a service may raise anything
            # The load goes on; the metric's cells stay empty, which a budget on it notices.
            _log.exception("the service's metrics could not be read")
            return {}

    def finish(self) -> None:
        if self._pacer is not None:
            self._pacer.detach()
        error = ""
        try:
            if self._service:
                self._service.drain()
        except Exception as raised:  # noqa: BLE001 -- a service may raise anything
            _log.exception("the service could not be drained")
            error = f"{type(raised).__name__}: {raised}"
        self._ticker.kill(block=True)
        self._tap.detach()
        self._report(0.0)
        self._send(messages.FINAL, {"error": error})
        if self._service:
            self._service.stop()
