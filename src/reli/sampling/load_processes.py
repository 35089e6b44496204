"""``self``: the processes that carry the load, for a service that runs inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class LoadProcesses:
    """The Locust processes that run users, as they come and go."""

    def __init__(self, argument: str, load_pids: Callable[[], Iterable[int]]) -> None:
        if argument:
            raise InputError(f'target "self" takes no argument, not "{argument}"')
        self._load_pids = load_pids

    def pids(self) -> Iterable[int]:
        return self._load_pids()


SOURCES.register("self", LoadProcesses)
