"""One run in one load process, from its service's start to its last report."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

import gevent

from reli.arrivals import Schedule
from reli.clock import RunClock
from reli.health import Health, HealthReader
from reli.intervals import Part
from reli.plan import ITERATIONS, plan_from_json
from reli.stats import RequestStats
from reli.wiring import messages
from reli.wiring.dispatcher import Dispatcher
from reli.wiring.lag import LagProbe
from reli.wiring.pacing import Pacer
from reli.wiring.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from locust.env import Environment

    from reli.arrivals import Share
    from reli.plan import OpenModel, Plan
    from reli.service import Service

_SHOW_EVERY_S = 1.0

_log = logging.getLogger(__name__)


class Running:
    """One run in one load process: its users' clock, what they measure, what it reports."""

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
        self._dispatcher: Dispatcher | None = None
        if plan is not None and plan.open:
            self._dispatcher = self._dispatch(plan, plan.open, seed)
        elif plan is not None and plan.load_unit == ITERATIONS:
            self._pacer = Pacer(self._clock, plan, seed)
            self._pacer.attach(environment.user_classes)
        self._stats = RequestStats()
        self._iterations = 0
        self._tap = Tap(
            environment.stats,
            self._stats,
            self._dispatcher.take_delay_ms if self._dispatcher else None,
        )
        self._health = HealthReader()
        self._lag = LagProbe()
        # Users find their service here (ServiceUser.service); Locust passes its environment to them.
        environment.reli_service = service  # type: ignore[attr-defined]
        self._next = int(self._clock.elapsed_s() / self._clock.interval_s)
        self._ticker = gevent.spawn(self._tick)
        self._ticker.link_exception(self._on_broken)

    def pause(self) -> None:
        """Begin no more iterations of the open model until a share is assigned again."""
        if self._dispatcher is not None:
            self._dispatcher.pause()

    def _on_broken(self, greenlet: gevent.Greenlet[..., None]) -> None:
        """Without reports the load would go on unrecorded: have the coordinator end the run."""
        self._send(messages.FINAL, {"error": f"the load is out of control: {greenlet.exception}"})

    def _dispatch(self, plan: Plan, model: OpenModel, seed: str) -> Dispatcher:
        dispatcher = Dispatcher(
            self._clock,
            Schedule(plan, model.arrivals, seed),
            model.drop_after_s,
            on_lost=lambda error, age_s: self._tap.log_lost(error, age_s * 1000),
            on_ready=lambda: self._send(messages.READY, {}),
        )
        dispatcher.attach()
        dispatcher.greenlet.link_exception(self._on_broken)
        return dispatcher

    def assign(self, share: Share) -> None:
        """Take over a share of the arrivals."""
        if self._dispatcher is not None:
            self._dispatcher.assign(share)

    def _tick(self) -> None:
        """Close each interval at its end. What a stall slept through is reported as silent."""
        interval_s = self._clock.interval_s
        while True:
            due_s = (self._next + 1) * interval_s
            gevent.sleep(min(self._clock.until_s(due_s), _SHOW_EVERY_S))
            lag_s = self._clock.elapsed_s() - due_s
            if lag_s < 0:
                self._show()
                continue
            self._report(lag_s)
            for _ in range(int(lag_s / interval_s)):
                silent = Part(self._next, self._users(), 0, Health(lag_s * 1000))
                self._next += 1
                self._send(messages.PART, silent.to_wire())

    def _show(self) -> None:
        """Bring Locust's own statistics up to date.

        The moment is the middle of a whole second of the run, so that a tick that is a little late
        does not make one second of Locust's twice as busy and leave the next one empty.
        """
        self._tap.show(self._clock.wall_s(round(self._clock.elapsed_s()) - _SHOW_EVERY_S / 2))

    def _users(self) -> int:
        runner = self._environment.runner
        assert runner is not None
        return int(runner.user_count)

    def _report(self, lag_s: float) -> None:
        self._show()
        requests = self._stats.close()
        open_model = self._dispatcher.close() if self._dispatcher else None
        before = self._iterations
        if self._pacer is not None:
            self._iterations = self._pacer.iterations
        part = Part(
            index=self._next,
            users=self._users(),
            iterations=open_model.finished if open_model else self._iterations - before,
            health=self._health.read(max(lag_s * 1000, self._lag.take_ms())),
            endpoints=requests.endpoints,
            failures=requests.failures,
            services=requests.services,
            open_model=open_model,
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
        if self._dispatcher is not None:
            self._dispatcher.detach()
        error = ""
        try:
            if self._service:
                self._service.drain()
        except Exception as raised:  # noqa: BLE001 -- a service may raise anything
            _log.exception("the service could not be drained")
            error = f"{type(raised).__name__}: {raised}"
        self._ticker.kill(block=True)
        self._lag.stop()
        self._tap.detach()
        self._report(0.0)
        self._send(messages.FINAL, {"error": error})
        if self._service:
            self._service.stop()
