"""Stretches in which the target was never restarted; a trend is never drawn across a restart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.courses import TARGET, restarting
from reli_analysis.selection import load_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from reli_analysis.series import Run

_SHORTEST_SHARE = 0.05
"""A process that lives for less of the run is a helper; its coming and going cuts nothing."""

_SLACK_INTERVALS = 3


@dataclass(frozen=True)
class Life:
    """One stretch from ``start_s`` to ``end_s``; ``lives`` is how many the steady window has."""

    start_s: float
    end_s: float
    lives: int

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def longest_life(run: Run) -> Life | None:
    """The longest stretch of the steady window without a restart; ``None`` without one.

    A run's columns are sums over its targets, so the restart of any of them ends a life.
    """
    spans = load_spans(run)
    if not spans:
        return None
    start_s, end_s = spans[0][0], spans[-1][1]
    slack_s = _SLACK_INTERVALS * run.interval_s
    cuts = {t for t in _changes(run) if start_s + slack_s < t < end_s - slack_s}
    pieces = list(itertools.pairwise([start_s, *sorted(cuts), end_s]))
    first, last = max(pieces, key=lambda piece: piece[1] - piece[0])
    shortest_s = _SHORTEST_SHARE * (end_s - start_s)
    return Life(first, last, sum(b - a >= shortest_s for a, b in pieces))


def lives_at(run: Run, elapsed_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which life of the run's targets, taken as one, each of these moments is in; from 0."""
    if not len(elapsed_s):
        return np.empty(0, dtype=np.int64)
    slack_s = _SLACK_INTERVALS * run.interval_s
    first, last = elapsed_s.min() + slack_s, elapsed_s.max() - slack_s
    cuts = sorted({at_s for at_s in _changes(run) if first < at_s < last})
    return np.searchsorted(np.array(cuts), elapsed_s, side="right").astype(np.int64)


def _changes(run: Run) -> Iterator[float]:
    """When a segment of a target began or ended.

    A source that tells processes alone, as in records of format 1, restarts when one of its processes
    comes or goes that is no helper.
    """
    whole = restarting(run)
    told = {course.source for course in whole}
    for course in whole:
        for _number, parts in itertools.groupby(course.segments, key=lambda part: part.segment):
            of_segment = list(parts)
            yield of_segment[0].first_s
            yield of_segment[-1].last_s + run.interval_s
    for process in run.processes:
        if process.role != TARGET or process.source in told:
            continue
        if process.last_s - process.first_s >= _SHORTEST_SHARE * run.duration_s:
            yield process.first_s
            yield process.last_s + run.interval_s
