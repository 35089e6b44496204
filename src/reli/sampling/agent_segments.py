"""Counts the restarts of an agent's targets through the restarts of the agent itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.record.layout import METRIC, TREE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.sampling.source import Reading

_MOST_SOURCES = 1000


@dataclass
class _Life:
    """Where the segments of one source stand here, and of what they were last."""

    identity: tuple[int, float]
    agent: str
    theirs: int
    ours: int = 0


class Segments:
    """Each source begins at segment 0 here, and goes on from there, whatever the agent counts.

    An agent that was started again counts from 0: the same process is the same segment still, and
    another one is a restart that nobody has seen.
    """

    def __init__(self) -> None:
        self._lives: dict[str, _Life] = {}

    def take(self, agent: str, readings: Iterable[Reading]) -> list[str]:
        """Look at a sample of an agent; returns the sources that were restarted unseen."""
        unseen = []
        for source, reading in _firsts(readings).items():
            identity = (reading.pid, reading.started_s)
            life = self._lives.get(source)
            if life is None:
                if len(self._lives) < _MOST_SOURCES:
                    self._lives[source] = _Life(identity, agent, reading.segment)
                continue
            if life.agent != agent:
                is_new = identity != life.identity
                life.ours += is_new
                if is_new:
                    unseen.append(source)
            else:
                life.ours += max(0, reading.segment - life.theirs)
            life.identity, life.agent, life.theirs = identity, agent, reading.segment
        return unseen

    def of(self, reading: Reading) -> int:
        """The segment of a reading of the sample that was taken last."""
        life = self._lives.get(reading.source)
        return life.ours if life is not None else reading.segment


def _firsts(readings: Iterable[Reading]) -> dict[str, Reading]:
    """The reading that stands for each source: its tree, or else its first."""
    found: dict[str, Reading] = {}
    for reading in readings:
        if reading.kind != METRIC and (reading.source not in found or reading.kind == TREE):
            found[reading.source] = reading
    return found
