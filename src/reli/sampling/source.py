"""What a source of measurements is, and how a target of a profile becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reli_analysis.errors import InputError
from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class ProcessKey:
    """A process is its pid and its start (seconds since 1970): pids are used again."""

    pid: int
    started_s: float


@dataclass(frozen=True)
class Sample:
    """One reading of one process; ``None`` is what could not be read, never 0.

    ``cpu_s`` is CPU time since the process began.
    """

    key: ProcessKey
    name: str
    rss_bytes: int | None
    uss_bytes: int | None
    fds: int | None
    threads: int | None
    cpu_s: float | None


class Source(Protocol):
    """Finds the processes of one target, anew at each sample."""

    def pids(self) -> Iterable[int]:
        """The processes that belong to the target now."""
        ...


SOURCES: Registry[Callable[[str, Callable[[], Iterable[int]]], Source]] = Registry(
    "sampling source"
)
"""Makers of sources by name; a maker gets the text after the colon and the load processes."""


def open_source(target: str, load_pids: Callable[[], Iterable[int]]) -> Source:
    """The source of a target such as ``self`` or ``pid:123``.

    Raises ``UnknownNameError`` for a kind that is not known, ``InputError`` for a bad argument.
    """
    kind, colon, argument = target.partition(":")
    if colon and not argument:
        raise InputError(f'target "{target}" says nothing after the colon')
    return SOURCES.get(kind)(argument, load_pids)
