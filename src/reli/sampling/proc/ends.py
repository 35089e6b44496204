"""Says how the processes of one target ended."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from reli.sampling.proc.exits import in_words
from reli.sampling.proc.oom import OomCounts

if TYPE_CHECKING:
    from reli.sampling.proc.exits import ExitStatuses
    from reli.sampling.proc.parse import Stat


class Ends:
    """Watches processes from their first sample to their end."""

    def __init__(self, statuses: ExitStatuses) -> None:
        self.oom_kills = 0
        """Processes that the kernel is known to have killed for lack of memory."""
        self._statuses = statuses
        self._oom = OomCounts()

    def watch(self, stat: Stat) -> None:
        """Be ready for its end."""
        self._statuses.watch(stat)
        self._oom.watch(stat.pid)

    def unwatch(self, stat: Stat) -> None:
        """Its end is of no interest any more."""
        self._statuses.unwatch(stat)
        self._oom.unwatch(stat.pid)

    def how(self, stat: Stat) -> str:
        """How it ended, as it follows "pid 12"; it is not watched any more."""
        status = self._statuses.status(stat)
        killed = status is None or (
            os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        )
        out_of_memory = killed and self._oom.take(stat.pid)
        self.unwatch(stat)
        if out_of_memory:
            self.oom_kills += 1
            return "was killed by the kernel for lack of memory"
        return "ended; the cause is unknown" if status is None else in_words(status)

    def sampled(self) -> str:
        """Be ready for what ends until the next sample; returns a trouble to tell, or ""."""
        # The kernel's counts of kills as they stand are what the next sample compares with.
        self._oom.renew()
        return self._statuses.sampled()
