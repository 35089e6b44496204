"""``pid:N``: one process, and what it starts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.pinned import Pinned
from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.sampling.source import Surroundings

_MOST_DIGITS = 9
"""The kernel gives no process a longer number: its ids are below 2**22."""


@dataclass(frozen=True)
class OneProcess:
    """A process by its id; once it has ended, no other that gets the id is taken for it."""

    pid: int

    def open(self, surroundings: Surroundings) -> Processes:
        subject = f"pid:{self.pid}"

        def reused(pid: int) -> None:
            text = f"pid {pid} is another process by now, which is not sampled"
            surroundings.event("sampling", subject, text)

        if _is_hidden(self.pid):
            text = f"pid {self.pid} is there, but /proc hides it from this user (hidepid)"
            surroundings.event("sampling", subject, text)
        return Processes(surroundings, Pinned(surroundings.processes, self._pids, reused), subject)

    def _pids(self) -> Iterable[int]:
        return (self.pid,)


def _is_hidden(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return not os.access(f"/proc/{pid}/stat", os.R_OK)
    except OSError:
        pass
    return False


def _parse(argument: str) -> OneProcess:
    digits = argument.isascii() and argument.isdecimal() and len(argument) <= _MOST_DIGITS
    if not digits or int(argument) < 1:
        raise InputError(f'target "pid:{argument}" needs a process id, for example pid:1234')
    return OneProcess(int(argument))


SOURCES.register("pid", _parse)
