"""Stretches in which the target's processes stayed the same; a trend is never drawn across."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.selection import load_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.series import Process, Run

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
    """The longest stretch of the steady window without a restart; ``None`` without one."""
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


def _changes(run: Run) -> Iterator[float]:
    """When a process of the target came or went."""
    for process in run.processes:
        if process.role != "target":
            continue
        first_s, last_s = _seen(process)
        if last_s - first_s >= _SHORTEST_SHARE * run.duration_s:
            yield first_s
            yield last_s + run.interval_s


def _seen(process: Process) -> tuple[float, float]:
    """When a process was first and last sampled."""
    times = [series.elapsed_s for series in process.series.values() if len(series)]
    if not times:
        return 0.0, 0.0
    return float(min(t[0] for t in times)), float(max(t[-1] for t in times))
