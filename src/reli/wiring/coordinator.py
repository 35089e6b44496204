"""One run as a whole: begins it, gathers its intervals, drains it, has it judged.

Lives in Locust's master, or in its only process. Locust's traps that shape it: ``test_stop``
fires on the master before the workers' last reports, so the workers are asked to stop and report
in ``test_stopping`` and waited for; on SIGTERM ``quitting`` fires while users still run; and an
exception in a listener is swallowed, so the exit code is set to a failing one first.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import gevent
from gevent.lock import RLock
from locust.exception import StopTest
from locust.runners import STATE_MISSING, MasterRunner

from reli.clock import RunClock, boot_id
from reli.intervals import Part
from reli.recorder.client import RecorderClient
from reli.wiring import messages
from reli.wiring.gathering import Gathering
from reli.wiring.judge import Judged, judge
from reli_analysis.errors import ReliError
from reli_analysis.verdict import EXIT_INTERRUPTED, EXIT_USAGE, Verdict

if TYPE_CHECKING:
    from locust.env import Environment

    from reli.wiring.load import LoadProcess
    from reli.wiring.setup import Setup

_log = logging.getLogger(__name__)

DRAIN_TIMEOUT_S = 45.0
"""Longest wait for the load processes' last reports; a service may take 30 s to drain."""


class Coordinator:
    """Everything about runs that happens once, however many load processes there are."""

    def __init__(self, environment: Environment, setup: Setup) -> None:
        self._environment = environment
        self._setup = setup
        self._local: LoadProcess | None = None
        self._run: _Run | None = None
        self._judged: Judged | None = None
        self._lock = RLock()
        self._terminated = False
        runner = environment.runner
        assert runner is not None
        self._runner = runner
        runner.register_message(messages.HELLO, self._on_hello)
        runner.register_message(messages.PART, self._on_part)
        runner.register_message(messages.FINAL, self._on_final)
        events = environment.events
        events.test_start.add_listener(self._on_test_start)
        events.worker_connect.add_listener(self._on_worker_connect)
        events.test_stopping.add_listener(self._on_test_stopping)
        events.test_stop.add_listener(self._on_test_stop)
        events.quitting.add_listener(self._on_quitting)
        events.quit.add_listener(self._on_quit)
        if setup.options.headless:
            environment.process_exit_code = Verdict.INVALID.exit_code

    def attach(self, local: LoadProcess) -> None:
        """Name the load process of a run without workers; it listens after this object does."""
        self._local = local

    def terminate(self) -> None:
        """On SIGTERM: end the run in order. While a shape runs, Locust does not listen to it."""
        self._terminated = True
        if self._environment.shape_class is not None:
            self._runner.quit()

    def elapsed_s(self) -> float:
        """Seconds since the run began; 0 before it."""
        return self._run.clock.elapsed_s() if self._run else 0.0

    def _on_test_start(self, **_others: Any) -> None:
        if self._run is not None:
            return
        try:
            self._run = _Run(self._setup, self._runner)
        except ReliError as error:
            sys.stderr.write(f"reli: {error}\n")
            self._environment.process_exit_code = EXIT_USAGE
            raise StopTest("there is no run without its record") from None
        gc.collect()  # what start-up left behind is not the service's memory
        self._runner.send_message(messages.BEGIN, self._run.begin.to_wire())

    def _on_worker_connect(self, client_id: str, **_others: Any) -> None:
        if self._run is not None:
            self._runner.send_message(messages.BEGIN, self._run.begin.to_wire(), client_id)

    def _on_hello(self, msg: Any, **_others: Any) -> None:
        if self._run is not None:
            self._run.hello(msg.node_id, messages.Hello.from_wire(msg.data))

    def _on_part(self, msg: Any, **_others: Any) -> None:
        if self._run is not None:
            self._run.part(msg.node_id, Part.from_wire(msg.data))

    def _on_final(self, msg: Any, **_others: Any) -> None:
        if self._run is not None:
            self._run.final(msg.node_id, str(msg.data["error"]))

    def _on_test_stopping(self, **_others: Any) -> None:
        """On the master: have the workers stop and report, while they can still be heard."""
        with self._lock:
            if self._run is None:
                return
            self._run.stopping()
            if self._local is None:
                self._run.drain()

    def _on_test_stop(self, **_others: Any) -> None:
        with self._lock:
            if self._run is None:
                return
            if self._local is not None:
                self._local.finish()
            run = self._run
            run.finish(self._setup.planned_s)
        if not self._setup.options.headless:
            self._run = None
            gevent.spawn(lambda: judge(run.directory).show())

    def _on_quitting(self, **_others: Any) -> None:
        """Judge, and let the process exit with the verdict's code."""
        self._runner.quit()
        self._on_test_stop()
        with self._lock:
            if self._run is None or self._judged is not None or not self._setup.options.headless:
                return
            run = self._run
            self._judged = judge(run.directory)
        interrupted = run.state == "interrupted" and not self._terminated
        self._environment.process_exit_code = (
            EXIT_INTERRUPTED if interrupted else self._judged.exit_code
        )

    def _on_quit(self, **_others: Any) -> None:
        """Print the verdict where it is read: below Locust's own tables."""
        if self._judged is not None:
            self._judged.show()


class _Run:
    """One run, from its record's first row to its last."""

    def __init__(self, setup: Setup, runner: Any) -> None:
        """Raises ``RecordError`` when the record cannot be made."""
        self._runner = runner
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
        self._recorder = RecorderClient(
            setup.options.run_dir,
            setup.run_info(self.clock),
            uss_every_s=setup.uss_every_s,
            show_progress=setup.options.headless,
            metrics_port=setup.options.metrics_port,
        )
        self.directory = self._recorder.directory
        self.state = "running"
        self._lost: set[str] = set()
        self._failure = ""
        if isinstance(runner, MasterRunner):
            self._recorder.send("process", {"pid": os.getpid(), "carries_load": False})
        self._gathering = Gathering(
            self.clock, setup.plan, setup.metrics, self._recorder.send, self._own_window
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

    def part(self, process: str, part: Part) -> None:
        if process in self._lost:
            self._lost.discard(process)
            self._gathering.expected.add(process)
            self._gathering.event("worker", process, "returned")
        self._gathering.add(process, part)

    def final(self, process: str, error: str) -> None:
        self._gathering.done(process)
        if error:
            self._gathering.event("service", process, error)
            if self._gathering.stopped_s is None:
                self._fail(f"the service failed in {process}: {error}")

    def _tick(self) -> None:
        """Once an interval: close what is due, and notice who or what is gone."""
        index = 0
        while True:
            index = max(index + 1, int(self.clock.elapsed_s() / self.clock.interval_s))
            gevent.sleep(self.clock.until_s(index * self.clock.interval_s))
            self._notice_lost_workers()
            self._gathering.close()
            if not self._recorder.alive and self._gathering.stopped_s is None:
                self._fail("the recorder has ended: nothing is recorded any more")

    def _notice_lost_workers(self) -> None:
        if not isinstance(self._runner, MasterRunner):
            return
        for process in list(self._gathering.expected):
            client = self._runner.clients.get(process)
            if client is not None and client.state != STATE_MISSING:
                continue
            why = "it quit" if client is None else "it sent no heartbeat"
            self._lost.add(process)
            self._gathering.lose(process, why)
            if not self._gathering.expected and self._gathering.stopped_s is None:
                self._fail("every worker is lost: there is no load any more")

    def _fail(self, reason: str) -> None:
        """End a run that cannot go on."""
        if self._failure:
            return
        self._failure = reason
        _log.error("reli: %s", reason)
        gevent.spawn(self._runner.quit)

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
        cut = planned_s is not None and stopped_s < planned_s - 1.5 * self.clock.interval_s
        if self._failure:
            self.state, reason = "lost", self._failure
        elif cut:
            self.state = "interrupted"
            reason = f"stopped after {stopped_s:.0f} of {planned_s:.0f} s"
        else:
            self.state, reason = "finished", ""
        if not self._recorder.finish(self.state, reason):
            _log.error("reli: the recorder did not end in order")
