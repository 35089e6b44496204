"""One run as a whole: begins it, gathers its intervals, drains it, has it judged.

Lives in Locust's master, or in its only process. Locust's traps that shape it: ``test_stop``
fires on the master before the workers' last reports, so the workers are asked to stop and report
in ``test_stopping`` and waited for; on SIGTERM ``quitting`` fires while users still run; and an
exception in a listener is swallowed, so the exit code is set to a failing one first.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import gevent
from gevent.lock import RLock
from locust.exception import StopTest

from reli.intervals import Part
from reli.wiring import messages
from reli.wiring.bounds import LocustBounds
from reli.wiring.judge import Judged, judge
from reli.wiring.run import Run
from reli_analysis.errors import ReliError
from reli_analysis.verdict import EXIT_INTERRUPTED, EXIT_USAGE, Verdict

if TYPE_CHECKING:
    from locust.env import Environment

    from reli.wiring.load import LoadProcess
    from reli.wiring.setup import Setup
    from reli.wiring.tab import Tab


class Coordinator:
    """Everything about runs that happens once, however many load processes there are."""

    def __init__(self, environment: Environment, setup: Setup, tab: Tab | None = None) -> None:
        self._environment = environment
        self._setup = setup
        self._tab = tab
        self._bounds = LocustBounds(environment)
        self._local: LoadProcess | None = None
        self._run: Run | None = None
        self._ended: Run | None = None
        self._judging: gevent.Greenlet[..., None] | None = None
        self._judged: Judged | None = None
        self._lock = RLock()
        self._terminated = False
        runner = environment.runner
        assert runner is not None
        self._runner = runner
        runner.register_message(messages.JOIN, self._on_join)
        runner.register_message(messages.HELLO, self._on_hello)
        runner.register_message(messages.READY, self._on_ready)
        runner.register_message(messages.PART, self._on_part)
        runner.register_message(messages.FINAL, self._on_final)
        events = environment.events
        events.test_start.add_listener(self._on_test_start)
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

    def is_idle(self, since_s: float) -> bool:
        """Whether no arrival of the open model waits or runs, as told of a moment or later."""
        return self._run is None or self._run.is_idle(since_s)

    def elapsed_s(self) -> float:
        """Seconds since the run began; 0 before it."""
        run = self._run or self._ended
        return run.clock.elapsed_s() if run else 0.0

    def _on_test_start(self, **_others: Any) -> None:
        if self._run is not None:
            return
        try:
            self._run = Run(self._setup, self._runner, self._bounds, self._tab)
        except ReliError as error:
            sys.stderr.write(f"reli: {error}\n")
            self._environment.process_exit_code = EXIT_USAGE
            raise StopTest("there is no run without its record") from None
        gc.collect()  # what start-up left behind is not the service's memory
        self._runner.send_message(messages.BEGIN, self._run.begin.to_wire())

    def _on_join(self, msg: Any, **_others: Any) -> None:
        if self._run is not None:
            self._runner.send_message(messages.BEGIN, self._run.begin.to_wire(), msg.node_id)

    def _on_hello(self, msg: Any, **_others: Any) -> None:
        if self._run is not None:
            self._run.hello(msg.node_id, messages.Hello.from_wire(msg.data))

    def _on_ready(self, msg: Any, **_others: Any) -> None:
        if self._run is not None:
            self._run.ready(msg.node_id)

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
            ended, self._run = self._run, None
            ended.finish(self._setup.planned_s)
        if self._setup.options.headless:
            self._ended = ended
        else:
            self._judging = gevent.spawn(_judge_and_show, ended.directory)

    def _on_quitting(self, **_others: Any) -> None:
        """Judge, and let the process exit with the verdict's code."""
        self._runner.quit()
        self._on_test_stop()
        if self._judging is not None:
            self._judging.join()
        with self._lock:
            ended, self._ended = self._ended, None
            if ended is None:  # there was no run, or Locust is shutting down twice at once
                return
            self._judged = judge(ended.directory)
            interrupted = ended.state == "interrupted" and not self._terminated
            self._environment.process_exit_code = (
                EXIT_INTERRUPTED if interrupted else self._judged.exit_code
            )

    def _on_quit(self, **_others: Any) -> None:
        """Print the verdict where it is read: below Locust's own tables."""
        judged, self._judged = self._judged, None
        if judged is not None:
            judged.show()


def _judge_and_show(directory: str) -> None:
    judge(directory).show()
