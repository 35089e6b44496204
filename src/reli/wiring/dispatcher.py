"""Starts the iterations of the open model: each when it is due, in whichever user is idle.

Subtleness ahead. Locust's users run their tasks in a loop of their own: a task, a wait, a task.
For the time of a run the dispatcher stands in front of two steps of that loop, for users of any
class: before a task a user waits for an arrival, and the wait between two tasks falls away. What
lies between is an iteration; in a nested TaskSet each inner task is one.

One greenlet follows the schedule. It hands an arrival to an idle user, or else lets it wait in
line, so that a service that is slow delays iterations but never makes them fewer; a user that has
finished takes the first in line. What waits too long is dropped.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

import gevent
from gevent.hub import Waiter
from greenlet import GreenletExit
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_STOPPING, TaskSet

from reli.iterations import IterationStats

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.arrivals import Schedule, Share
    from reli.clock import RunClock
    from reli.iterations import IterationInterval

_AHEAD_S = 0.1
"""How far ahead arrivals are computed: many at once, and less than shares are announced ahead."""


_STALL_S = 1.0


class Dropped(Exception):  # noqa: N818 -- its name is what people read in a list of failures
    """An arrival that no user was free for in time."""


class Unfinished(Exception):  # noqa: N818 -- as above
    """An iteration that was still running when the load ended, long after it was due."""


class _Iteration(NamedTuple):
    """An iteration that runs: when it was meant to start, and when it did."""

    due_s: float
    began_s: float
    user_greenlet: Any


class _Idle:
    """A user that waits for an arrival; ``due_s`` is set once it was given one."""

    __slots__ = ("due_s", "user", "waiter")

    def __init__(self, user: Any) -> None:
        self.user = user
        self.waiter: Any = Waiter()  # gevent's annotations leave its value open
        self.due_s: float | None = None


def is_stopping(user: Any) -> bool:
    """Whether Locust has asked a user to end after its task."""
    return bool(user._state == LOCUST_STATE_STOPPING)  # noqa: SLF001 -- as Locust's own loop asks


class Dispatcher:
    """The arrivals of one load process and the users that take them."""

    def __init__(
        self,
        clock: RunClock,
        schedule: Schedule,
        drop_after_s: float,
        on_lost: Callable[[Exception, float], None],
        on_ready: Callable[[], None],
    ) -> None:
        """Begins at once, but without a share takes no arrivals.

        ``on_lost`` is told of each arrival that was given up: why, and its age in seconds.
        ``on_ready`` is called once, when the first user is idle.
        """
        self._clock = clock
        self._schedule = schedule
        self._drop_after_s = drop_after_s
        self._on_lost = on_lost
        self._on_ready: Callable[[], None] | None = on_ready
        self._stats = IterationStats(clock.elapsed_s())
        self._idle: deque[_Idle] = deque()
        self._line: deque[float] = deque()
        self._running: dict[Any, _Iteration] = {}
        self._ended: WeakSet[Any] = WeakSet()
        self._delays_ms: dict[Any, float] = {}
        self._paused = True
        self._run_callback = gevent.get_hub().loop.run_callback
        self.greenlet = gevent.spawn(self._follow)
        self._originals = TaskSet.execute_next_task, TaskSet.wait

    # What Locust's loop calls

    def attach(self) -> None:
        """Stand in front of the loop of every user of this process."""
        execute_original, wait_original = self._originals
        running, ended = self._running, self._ended

        def execute_next_task(taskset: Any) -> None:
            user = taskset.user
            if user not in running:
                self._begin(user)
            try:
                execute_original(taskset)  # type: ignore[no-untyped-call]  # Locust has no annotations
            except GreenletExit:
                self._cut(user)
                raise
            finally:
                if user in running:
                    self._end(user)
                    ended.add(user)

        def wait(taskset: Any) -> None:
            if taskset.user in ended:
                ended.discard(taskset.user)
            else:
                # Written by hand, in a task or in on_start: think time. Or Locust waits after an
                # error outside any task, which would else come again at once.
                wait_original(taskset)  # type: ignore[no-untyped-call]  # as above

        TaskSet.execute_next_task = execute_next_task  # type: ignore[method-assign]
        TaskSet.wait = wait  # type: ignore[method-assign]

    def _begin(self, user: Any) -> None:
        """Wait for an arrival, and begin the iteration that it asks for."""
        self._ended.discard(user)
        if self._line:
            gevent.sleep(0)  # as Locust's own wait does: a task may never give way by itself
        while self._line:
            due_s = self._line.popleft()
            began_s = self._clock.elapsed_s()
            if began_s - due_s <= self._drop_after_s:
                break
            self._drop(began_s - due_s)
        else:
            due_s = self._await_arrival(user)
            began_s = self._clock.elapsed_s()
            self._stats.idle_delays_ms.append((began_s - due_s) * 1000)
        if is_stopping(user):
            self._give_back(due_s)
            raise StopUser
        self._stats.busy(began_s, +1)
        greenlet = gevent.getcurrent()
        self._running[user] = _Iteration(due_s, began_s, greenlet)
        self._delays_ms[greenlet] = (began_s - due_s) * 1000

    def _await_arrival(self, user: Any) -> float:
        """The moment at which the next arrival was due; raises ``StopUser`` when there is no more.

        To Locust the user is running all the while: one that it takes for waiting it would kill,
        perhaps in an iteration that has just begun.
        """
        idle = _Idle(user)
        self._idle.append(idle)
        if self._on_ready:
            on_ready, self._on_ready = self._on_ready, None
            on_ready()
        try:
            due_s: float | None = idle.waiter.get()
        except BaseException:
            # Stopped while it waited, perhaps with an arrival on its way: another user takes that.
            if idle in self._idle:
                self._idle.remove(idle)
            elif idle.due_s is not None:
                self._give_back(idle.due_s)
            raise
        if due_s is None:
            raise StopUser
        return due_s

    def _give_back(self, due_s: float) -> None:
        if self._idle:
            self._arrive(due_s)
        else:
            self._line.appendleft(due_s)

    def _end(self, user: Any) -> None:
        ended_s = self._clock.elapsed_s()
        due_s, began_s, greenlet = self._running.pop(user)
        self._delays_ms.pop(greenlet, None)
        self._stats.busy(ended_s, -1)
        self._stats.delays_ms.append((began_s - due_s) * 1000)
        self._stats.services_ms.append((ended_s - began_s) * 1000)

    def _cut(self, user: Any) -> None:
        """A user was killed within an iteration; one that had long been overdue is a failure."""
        iteration = self._running.pop(user, None)
        if iteration is None:
            return
        now_s = self._clock.elapsed_s()
        self._delays_ms.pop(iteration.user_greenlet, None)
        self._stats.busy(now_s, -1)
        self._stats.cut += 1
        if now_s - iteration.due_s > self._drop_after_s:
            self._on_lost(
                Unfinished(f"not ended {self._drop_after_s:g} s after it was due"),
                now_s - iteration.due_s,
            )

    # What the schedule asks for

    def assign(self, share: Share) -> None:
        """Take a share of the arrivals; whatever was due while there was none is left out."""
        if self._paused:
            self._schedule.skip(self._clock.elapsed_s())
            self._paused = False
        self._schedule.assign(share)

    def pause(self) -> None:
        """Take no more arrivals until a share is assigned again; those in line stay."""
        self._paused = True

    def _follow(self) -> None:
        """Hand arrivals over at their moments, which are absolute: a late one delays no other."""
        horizon_s = self._clock.elapsed_s()
        while True:
            if self._clock.elapsed_s() - horizon_s > _STALL_S:
                # The whole process stood still; its share may be another's by now. What came
                # meanwhile is read first.
                gevent.sleep(_AHEAD_S)
            horizon_s = self._clock.elapsed_s() + _AHEAD_S
            times = [] if self._paused else self._schedule.until(horizon_s).tolist()
            for due_s in times:
                self._sleep_until(due_s)
                self._stats.arrivals += 1
                self._arrive(due_s)
            self._sleep_until(horizon_s)
            self._drop_late()
            self._let_go()

    def _let_go(self) -> None:
        """Users that were asked to stop while they waited go now."""
        stopping = [idle for idle in self._idle if is_stopping(idle.user)]
        for idle in stopping:
            self._idle.remove(idle)
            self._run_callback(idle.waiter.switch, None)

    def _sleep_until(self, elapsed_s: float) -> None:
        # Again, because a timer may fire a little early: nothing begins before it is due.
        while (ahead_s := elapsed_s - self._clock.elapsed_s()) > 0:
            gevent.sleep(ahead_s)

    def _arrive(self, due_s: float) -> None:
        if self._idle:
            # In turn, so that each class of users gets the share that its weight asks for.
            idle = self._idle.popleft()
            idle.due_s = due_s
            self._run_callback(idle.waiter.switch, due_s)
        else:
            self._line.append(due_s)

    def _drop_late(self) -> None:
        now_s = self._clock.elapsed_s()
        while self._line and now_s - self._line[0] > self._drop_after_s:
            self._drop(now_s - self._line.popleft())

    def _drop(self, age_s: float) -> None:
        self._stats.dropped += 1
        self._on_lost(Dropped(f"no user was free for {self._drop_after_s:g} s"), age_s)

    # What others ask

    def take_delay_ms(self) -> float:
        """The start delay of the iteration of the calling greenlet, for its first request; then 0.

        A request from a greenlet that a task started counts for the task's iteration.
        """
        current = gevent.getcurrent()
        delay_ms = self._delays_ms.pop(current, None)
        if delay_ms is None and self._delays_ms:
            parent = getattr(current, "spawning_greenlet", None)
            delay_ms = self._delays_ms.pop(parent(), None) if parent else None
        return delay_ms or 0.0

    def close(self) -> IterationInterval:
        """Hand over what was measured since the last call."""
        now_s = self._clock.elapsed_s()
        oldest_s = min((i.due_s for i in self._running.values()), default=now_s)
        if self._line:
            oldest_s = min(oldest_s, self._line[0])
        return self._stats.close(now_s, waiting=len(self._line), oldest_age_s=now_s - oldest_s)

    def detach(self) -> None:
        """Leave Locust as it was."""
        self.greenlet.kill(block=True)
        TaskSet.execute_next_task, TaskSet.wait = self._originals  # type: ignore[method-assign]
