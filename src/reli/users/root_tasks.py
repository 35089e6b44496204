"""The task set that runs the tasks of a user whose requests are quick.

Locust's own spends more on a task than a lean request costs: it asks a property for the user ten
times, draws from one task by chance, and gives way to others after each task, although the request
just did. This one does the same in fewer steps. What Locust calls and others may stand in for, such
as ``execute_next_task`` and ``wait``, is left as it is.
"""

from __future__ import annotations

from random import random
from typing import TYPE_CHECKING, Any

import gevent
from locust.user.task import DefaultTaskSet

if TYPE_CHECKING:
    from reli.users.lean_http import LeanHttpUser


class RootTasks(DefaultTaskSet):
    """``DefaultTaskSet`` for a ``LeanHttpUser``."""

    user: Any = None  # in front of a property that Locust asks ten times a task

    def __init__(self, user: LeanHttpUser) -> None:
        self.user = user
        super().__init__(user)

    def get_next_task(self) -> Any:
        """Any task, each as likely as another; it stands in the list as often as it weighs."""
        tasks = self.user.tasks
        if not tasks:
            return super().get_next_task()  # type: ignore[no-untyped-call]  # it says what is missing
        return tasks[int(random() * len(tasks))]  # noqa: S311 -- no secret

    def execute_task(self, task: Any) -> None:
        """A function is called with the user, a task set is run."""
        if isinstance(task, type):
            super().execute_task(task)  # type: ignore[no-untyped-call]  # as Locust's are
        else:
            task(self.user)

    def _sleep(self, seconds: float) -> None:
        """Give way for no time only when no request has, since the last time."""
        client = self.user.client
        if seconds > 0 or not client.waited:
            gevent.sleep(seconds)
        client.waited = False
