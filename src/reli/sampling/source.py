"""What a source of measurements is, and how a target of a profile becomes one.

A target's text (``self``, ``pid:123``, ``agent:db1:9646``) is parsed into a :class:`Target` where
it is read, so that a mistake is told before the load begins, and opened in the process that
samples. A :class:`Source` has one required method, and must never block, raise or grow: what
takes long (a network, a slow disk) runs in a thread of its own, and ``sample`` hands over what it
has by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from reli.sampling.proc.exits import ExitStatuses
from reli.sampling.proc.table import ProcessTable
from reli.sampling.sockets import Sockets
from reli_analysis.errors import InputError
from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from reli.clock import RunClock
    from reli_analysis.record import MetricSpec


@dataclass(frozen=True)
class Reading:
    """What was measured of one thing at one moment: a row of ``resources.csv``.

    ``kind`` is one of ``reli_analysis.record.layout.KINDS``. ``values`` are columns of that file by
    name; what could not be read is absent, never 0. A reading of kind ``metric`` is a row of
    ``metrics.csv``: ``name`` with the one value ``value``. ``elapsed_s`` is given when it was
    measured at another moment than the sample that hands it over; ``host`` when it is another one.
    ``segment`` counts the restarts of its source before it. ``source`` is given by a source that
    reads several (an agent), as its row should name it.
    """

    kind: str
    name: str
    values: Mapping[str, float]
    pid: int = 0
    started_s: float = 0.0
    parent_pid: int = 0
    segment: int = 0
    host: str = ""
    elapsed_s: float | None = None
    source: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What a source may ask of the process that samples.

    ``load_pids`` are the processes that carry the load now, ``generator_pids`` all of Locust's on
    this host; ``own_pids`` are reli's own that no target includes (the recorder).
    ``event(kind, subject, message)`` writes a row of ``events.csv``; a source tells a trouble once,
    not at each sample. ``memory_map_every_s`` is how often USS and PSS may be read. ``processes``,
    ``exits`` and ``sockets`` are the host's, looked at once for all sources. ``record`` is the
    directory that is written to, whose disk counts as the host's.
    """

    clock: RunClock
    event: Callable[[str, str, str], None]
    load_pids: Callable[[], Iterable[int]] = tuple
    generator_pids: Callable[[], Iterable[int]] = tuple
    own_pids: Callable[[], Iterable[int]] = tuple
    memory_map_every_s: float = 60.0
    processes: ProcessTable = field(default_factory=ProcessTable)
    exits: ExitStatuses = field(default_factory=ExitStatuses)
    sockets: Sockets = field(default_factory=Sockets)
    record: Path | None = None


class Source(Protocol):
    """Measures one target, once an interval."""

    def sample(self) -> Iterable[Reading]:
        """What there is to tell now: nothing while the target is not there."""
        ...

    def close(self) -> None:
        """Let go of files, sockets and threads."""
        ...


class Target(Protocol):
    """One target as a profile or a command line names it, checked but not yet looked at."""

    def open(self, surroundings: Surroundings) -> Source:
        """Begin to measure it; a target that is not there (yet) is no error."""
        ...


@runtime_checkable
class PublishesMetrics(Protocol):
    """A target that names numbers of its own, which become columns of ``results.csv``."""

    @property
    def metrics(self) -> Sequence[MetricSpec]:
        """Their names and kinds, known before the first sample."""
        ...


SOURCES: Registry[Callable[[str], Target]] = Registry("target")
"""Makers of targets by kind; a maker gets the text after the colon and raises ``InputError``."""


@dataclass(frozen=True)
class NamedTarget:
    """A target with the text that named it; ``role`` is target, generator or recorder."""

    text: str
    target: Target = field(repr=False)


def parse_target(text: str) -> NamedTarget:
    """The target that a text such as ``self`` or ``pid:123`` names.

    Raises ``UnknownNameError`` for a kind that is not known, ``InputError`` for a bad argument.
    """
    kind, colon, argument = text.partition(":")
    if colon and not argument.strip():
        raise InputError(f'target "{text}" says nothing after the colon')
    return NamedTarget(text, SOURCES.get(kind)(argument))
