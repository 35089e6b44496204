"""``pid:N``: one process that runs already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from reli.sampling.source import Surroundings


@dataclass(frozen=True)
class OneProcess:
    """A process by its id."""

    pid: int

    def open(self, surroundings: Surroundings) -> Processes:
        return Processes(surroundings, lambda: (self.pid,))


def _parse(argument: str) -> OneProcess:
    if not (argument.isascii() and argument.isdecimal()) or int(argument) < 1:
        raise InputError(f'target "pid:{argument}" needs a process id, for example pid:1234')
    return OneProcess(int(argument))


SOURCES.register("pid", _parse)
