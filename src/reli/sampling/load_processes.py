"""``self``: the processes that carry the load, for a service that runs inside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.pinned import Pinned
from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from reli.sampling.source import Surroundings


@dataclass(frozen=True)
class LoadProcesses:
    """The Locust processes that run users, as they come and go."""

    def open(self, surroundings: Surroundings) -> Processes:
        find = Pinned(surroundings.processes, surroundings.load_pids)
        return Processes(surroundings, find, "self")


def _parse(argument: str) -> LoadProcesses:
    if argument:
        raise InputError(f'target "self" takes no argument, not "{argument}"')
    return LoadProcesses()


SOURCES.register("self", _parse)
