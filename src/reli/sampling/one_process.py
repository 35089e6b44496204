"""``pid:N``: one process that runs already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class OneProcess:
    """A process by its id."""

    def __init__(self, argument: str, _load_pids: Callable[[], Iterable[int]]) -> None:
        if not argument.isdecimal() or int(argument) < 1:
            raise InputError(f'target "pid:{argument}" needs a process id, for example pid:1234')
        self._pid = int(argument)

    def pids(self) -> Iterable[int]:
        return (self._pid,)


SOURCES.register("pid", OneProcess)
