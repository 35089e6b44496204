"""Events that every chart marks at their moment, so that a bend and its cause stand together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reli_analysis.series import Event, Run

RUN_WIDE = ("gap", "clock", "breach")
"""Kinds of events that concern every target."""

OF_A_TARGET = ("restart", "exit", "appeared", "vanished")

MEANINGS = {
    "restart": "restart",
    "exit": "end of a process",
    "vanished": "target gone",
    "appeared": "target there",
    "gap": "missed samples",
    "clock": "clock set, or suspend",
    "breach": "budget broken or mended",
}

_ON_THE_RUN = (*RUN_WIDE, "restart", "vanished", "appeared")
_BEGINNING = 2
"""Intervals within which a target that appears was there from the start."""

_STEPS = 600
"""Moments that a chart's width can tell apart."""

_MOST = 100
"""More marks of a kind would hide what they mark; none are drawn then."""


@dataclass(frozen=True)
class Mark:
    """One moment to mark."""

    kind: str
    elapsed_s: float


def marks_of(run: Run, source: str | None = None) -> tuple[Mark, ...]:
    """What the charts of one source mark, or without it those of the whole run."""
    kinds = _ON_THE_RUN if source is None else (*RUN_WIDE, *OF_A_TARGET)
    chosen = [
        event
        for event in run.events
        if event.kind in kinds
        and (source is None or event.kind in RUN_WIDE or event.subject == source)
        and not (event.kind == "appeared" and event.elapsed_s <= _BEGINNING * run.interval_s)
    ]
    return tuple(
        mark for kind in MEANINGS for mark in _apart([e for e in chosen if e.kind == kind], run)
    )


def marks_of_all(run: Run) -> tuple[Mark, ...]:
    """What any chart of this run may mark, in order of time."""
    sources = {event.subject for event in run.events if event.kind in OF_A_TARGET}
    marked = set(marks_of(run)).union(*(marks_of(run, source) for source in sources))
    return tuple(sorted(marked, key=lambda mark: (mark.elapsed_s, mark.kind)))


def kinds_marked(run: Run) -> tuple[str, ...]:
    """The kinds that any chart of this run may mark, for its legend."""
    marked = {mark.kind for mark in marks_of_all(run)}
    return tuple(kind for kind in MEANINGS if kind in marked)


def _apart(events: Sequence[Event], run: Run) -> Iterator[Mark]:
    """One mark for those that would be drawn upon each other; none for too many."""
    step_s = max(run.duration_s, run.interval_s) / _STEPS
    places = {int(event.elapsed_s / step_s): event for event in reversed(events)}
    if len(places) <= _MOST:
        yield from (Mark(event.kind, event.elapsed_s) for event in places.values())
