"""One run as its coordinator sees it: record, clock, load processes, end."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from locust.runners import STATE_MISSING, STATE_RUNNING, MasterRunner

from reli.clock import RunClock, boot_id
from reli.live.run import LiveRun
from reli.recorder.client import RecorderClient
from reli.wiring import messages
from reli.wiring.gathering import Gathering
from reli.wiring.sharing import Sharing

if TYPE_CHECKING:
    from reli.intervals import Part
    from reli.recorder.told import Abort
    from reli.wiring.bounds import LocustBounds
    from reli.wiring.setup import Setup
    from reli.wiring.tab import Tab

_log = logging.getLogger(__name__)

_TICK_S = 1.0

_HEALING_S = 1.5
"""Until Locust has heard a heartbeat of a worker that is back, and counts it among its own."""

DRAIN_TIMEOUT_S = 45.0
"""Longest wait for the load processes' last reports; a service may take 30 s to drain."""


class Run:
    """One run, from its record's first row to its last."""

    def __init__(
        self, setup: Setup, runner: Any, bounds: LocustBounds, tab: Tab | None = None
    ) -> None:
        """Raises ``RecordError`` when the record cannot be made; ``tab`` shows the run."""
        self._runner = runner
        self._options = setup.options
        self._bounds = bounds
        self.clock = RunClock.begin(setup.interval_s)
        self.begin = messages.Begin(
            run_id=setup.name,
            start_s=self.clock.start_s,
            started_wall_s=self.clock.started_wall_s,
            boot_id=boot_id(),
            interval_s=setup.interval_s,
            seed=setup.seed,
            plan=setup.plan_json(),
        )
        info = setup.run_info(self.clock)
        self._live = LiveRun(info) if tab else None
        self._recorder = RecorderClient(
            info,
            setup.recorder_settings(),
            on_told=self._live.hear if self._live else None,
            on_abort=self._on_abort,
        )
        self.directory = self._recorder.directory
        if tab and self._live:
            directory = Path(self.directory)
            self._live.change_info(replace(info, run_id=directory.name))
            tab.show(self._live, directory)
        self.state = "running"
        self._lost: set[str] = set()
        self._failure = ""
        self._abort = ""
        if isinstance(runner, MasterRunner):
            self._recorder.send("process", {"pid": os.getpid(), "carries_load": False})
        self._gathering = Gathering(
            self.clock, setup.plan, setup.metrics, self._recorder.send, self._own_window
        )
        self._sharing: Sharing | None = None
        if setup.plan is not None and setup.plan.open:
            self._sharing = Sharing(
                setup.plan, self.clock, runner.send_message, self._gathering.event
            )
        self._ticker = gevent.spawn(self._tick)

    def _own_window(self) -> str:
        """The window of Locust's own load: steady once all users are there."""
        spawned = self._runner.user_count >= self._runner.target_user_count
        return "steady" if spawned else "warm-up"

    def hello(self, process: str, hello: messages.Hello) -> None:
        self._gathering.join(process, hello.host, hello.pid)
        if hello.boot_id == boot_id():
            self._recorder.send("process", {"pid": hello.pid, "carries_load": True})

    def ready(self, process: str) -> None:
        """Its users wait for arrivals."""
        if self._sharing:
            self._sharing.ready(process)
            self._sharing.update(self._gathering.expected)

    def is_idle(self, since_s: float) -> bool:
        """Whether no arrival of the open model waits or runs, as told of a moment or later."""
        return self._gathering.is_idle(since_s)

    def part(self, process: str, part: Part) -> None:
        if process in self._lost:
            self._lost.discard(process)
            self._gathering.expected.add(process)
            self._gathering.event("worker", process, "returned")
            gevent.spawn_later(_HEALING_S, self._rebalance)
        self._gathering.add(process, part)

    def final(self, process: str, error: str) -> None:
        self._gathering.done(process)
        if error:
            self._gathering.event("service", process, error)
            self._fail(f"the service failed in {process}: {error}")

    def _tick(self) -> None:
        """Close what is due, and notice who or what is gone, at least once a second."""
        every_s = min(self.clock.interval_s, _TICK_S)
        index = 0
        while True:
            index = max(index + 1, int(self.clock.elapsed_s() / every_s))
            gevent.sleep(self.clock.until_s(index * every_s))
            self._notice_lost_workers()
            if self._sharing and self._gathering.stopped_s is None:
                self._sharing.update(self._gathering.expected)
            self._gathering.close()
            self._gathering.tell_late()
            self._bounds.trim()
            if not self._recorder.alive:
                self._fail(f"nothing is recorded any more: {self._recorder.trouble}")

    def _notice_lost_workers(self) -> None:
        if not isinstance(self._runner, MasterRunner):
            return
        for process in list(self._gathering.expected):
            client = self._runner.clients.get(process)
            if client is not None and client.state != STATE_MISSING:
                if client.heartbeat > 0:
                    continue
                # Locust would wait two seconds more before it gives its users to the others.
                client.heartbeat = -1
            why = "it quit" if client is None else "it sent no heartbeat"
            self._lost.add(process)
            self._gathering.lose(process, why)
            if not self._gathering.expected:
                self._fail("every worker is lost: there is no load any more")

    def _rebalance(self) -> None:
        """A worker that was given up has kept its users: share all of them anew."""
        runner = self._runner
        if runner.state == STATE_RUNNING and runner.spawning_completed:
            runner.start(runner.target_user_count, runner.spawn_rate)

    def _fail(self, reason: str) -> None:
        """End a run that cannot go on."""
        if self._failure:
            return
        self._failure = reason
        _log.error("reli: %s", reason)
        # One that is stopping already only keeps the reason: its last numbers are not the truth.
        if self._gathering.stopped_s is None:
            gevent.spawn(self._runner.quit)

    def _on_abort(self, abort: Abort) -> None:
        """End the run in order: a budget that says so is broken."""
        if self._gathering.stopped_s is not None or self._failure:
            return
        self._abort = f'budget "{abort.budget}": {abort.message}'
        _log.error("reli: %s; the run is ended", self._abort)
        gevent.spawn(self._end_load)

    def _end_load(self) -> None:
        """As Locust ends it at a plan's end.

        Where Locust itself began the load, it waits for its shape and then stops the users: it must
        not be done here at the same time.
        """
        shape = self._runner.shape_greenlet
        if shape is not None and (self._options.headless or self._options.autostart):
            shape.kill()
        elif self._options.headless:
            self._runner.quit()
        else:
            self._runner.stop()

    def stopping(self) -> None:
        """Note when the run was told to stop; what follows is its drain."""
        if self._gathering.stopped_s is None:
            self._notice_lost_workers()
            self._gathering.stopped_s = self.clock.elapsed_s()

    def drain(self) -> None:
        """Have the workers stop their users and report the rest; waits for them, bounded."""
        if not self._gathering.expected:
            return
        self._runner.send_message(messages.END)
        with suppress(gevent.Timeout), gevent.Timeout(DRAIN_TIMEOUT_S):
            while self._gathering.expected:
                gevent.sleep(0.05)
        for process in list(self._gathering.expected):
            self._gathering.lose(process, f"no last report within {DRAIN_TIMEOUT_S:.0f} s")

    def finish(self, planned_s: float | None) -> None:
        """Write the rest and end the record. Does it once."""
        if self.state != "running":
            return
        self.stopping()
        stopped_s = self._gathering.stopped_s or 0.0
        self._ticker.kill(block=False)
        self._gathering.close(everything=True)
        self._gathering.tell_late()
        cut = planned_s is not None and stopped_s < planned_s - 1.5 * self.clock.interval_s
        if self._failure:
            self.state, reason = "lost", self._failure
        elif self._abort:
            self.state, reason = "aborted", self._abort
        elif cut:
            self.state = "interrupted"
            reason = f"stopped after {stopped_s:.0f} of {planned_s:.0f} s"
        else:
            self.state, reason = "finished", ""
        if not self._recorder.finish(self.state, reason):
            _log.error("reli: the recorder did not end in order")
        if self._live:
            self._live.change_info(replace(self._live.info, state=self.state, state_reason=reason))
