"""``name:X``: every process of that name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.matching import Matching, tell_what_is_hidden
from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reli.sampling.proc.parse import Stat
    from reli.sampling.proc.table import ProcessTable
    from reli.sampling.source import Surroundings

_KERNEL_CUTS_AT = 15


@dataclass(frozen=True)
class ByName:
    """The processes of a name: that of their program's file, or the one that they took."""

    name: str

    def open(self, surroundings: Surroundings) -> Processes:
        subject = f"name:{self.name}"
        tell_what_is_hidden(surroundings, subject)
        table = surroundings.processes
        return Processes(surroundings, Matching(table, self._matches(table)), subject)

    def _matches(self, table: ProcessTable) -> Callable[[Stat], bool]:
        def matches(stat: Stat) -> bool:
            return is_named(self.name, stat.name, table.command(stat.pid))

        return matches


def is_named(name: str, short: str, command: Sequence[str]) -> bool:
    """Whether a process has a name; ``short`` is what the kernel keeps of it, 15 bytes.

    Of a script, the kernel's name is that of the script, and the command's second word its path.
    """
    names = [word.rpartition("/")[2] for word in command[:2]]
    cut = name.encode()[:_KERNEL_CUTS_AT].decode("utf-8", "replace")
    if len(name.encode()) <= _KERNEL_CUTS_AT:
        return short == name or names[:1] == [name]
    return names[:1] == [name] or (short == cut and name in names)


def _parse(argument: str) -> ByName:
    if not argument:
        raise InputError('target "name" needs a program\'s name, for example name:redis-server')
    return ByName(argument)


SOURCES.register("name", _parse)
