"""``self``: the processes that carry the load, for a service that runs inside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli.sampling.by_command import package_of
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
        table, load_pids = surroundings.processes, surroundings.load_pids

        def own_pids() -> list[int]:
            """The other side that a service starts for itself (a collector) is no part of it."""
            below = {pid for load in load_pids() for pid in table.kin.offspring(load)}
            backends = (pid for pid in below if package_of(table.command(pid)) == "reli")
            return [*surroundings.own_pids(), *backends]

        find = Pinned(table, load_pids)
        return Processes(replace(surroundings, own_pids=own_pids), find, "self")


def _parse(argument: str) -> LoadProcesses:
    if argument:
        raise InputError(f'target "self" takes no argument, not "{argument}"')
    return LoadProcesses()


SOURCES.register("self", _parse)
