"""When the iterations of an open-model run are meant to begin: pure functions of plan and seed.

Time is measured in arrivals here: the integral of the planned rate since the run's start grows by
one with each. On that axis constant arrivals lie at 0.5, 1.5, 2.5, ... and Poisson arrivals are a
Poisson process of rate one, whatever the stages; the plan alone turns places on the axis into
seconds. Nothing is added up from one arrival to the next, so nothing drifts.

Each load process has a share: of ``count`` processes the one of rank ``rank`` takes every
``count``-th constant arrival, so the shares lie evenly between each other and together make the
whole schedule, each arrival once. Poisson arrivals are split into independent processes of rate
1/count, which together are one of rate 1 again. A change of shares holds from a whole place on the
axis, which all processes agree on exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from reli.plan import POISSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reli.plan import Plan

_BLOCK = 64
"""Poisson arrivals are drawn so many at a time (on average)."""


@dataclass(frozen=True)
class Share:
    """One load process's part of the arrivals, from a place on the axis of arrivals on.

    ``count`` 0 means that the process takes no arrivals any more.
    """

    begin: int
    rank: int
    count: int

    def to_wire(self) -> dict[str, int]:
        return {"begin": self.begin, "rank": self.rank, "count": self.count}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Share:
        return cls(**data)


@dataclass(frozen=True)
class Axis:
    """Turns places on the axis of arrivals into seconds of the run and back, many at a time."""

    plan: Plan

    @cached_property
    def _columns(self) -> tuple[NDArray[np.float64], ...]:
        spans = self.plan.spans
        starts = np.array([span.start_s for span in spans])
        lengths = np.array([span.end_s - span.start_s for span in spans])
        first = np.array([span.from_level for span in spans])
        last = np.array([span.to_level for span in spans])
        before = np.array([self.place(span.start_s) for span in spans])
        return starts, lengths, first, last, before

    def place(self, elapsed_s: float) -> float:
        """How many arrivals the plan asks for up to a moment."""
        return self.plan.iterations_between(0.0, elapsed_s)

    def seconds(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The moments at which the plan's integral reaches these places, up to its end.

        Within a stage the rate is a + (b - a) t / L, so the integral is quadratic in t; its root is
        taken in the form that loses no digits when the rate hardly changes.
        """
        starts, lengths, first, last, before = self._columns
        # A stage without load has the place of its end at its start: "right" goes past it.
        at = np.searchsorted(before, places, side="right") - 1
        area = places - before[at]
        slope = np.divide(last - first, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        root = np.sqrt(np.maximum(first[at] ** 2 + 2 * slope[at] * area, 0.0))
        divisor = first[at] + root
        within = np.divide(2 * area, divisor, out=np.zeros_like(area), where=divisor > 0)
        moments: NDArray[np.float64] = starts[at] + np.minimum(within, lengths[at])
        return moments


class Schedule:
    """The arrivals of one load process, handed out in order as time goes on."""

    def __init__(self, plan: Plan, arrivals: str, seed: str) -> None:
        self._axis = Axis(plan)
        self._poisson = arrivals == POISSON
        self._seed = seed
        self._shares: list[Share] = []
        self._place = 0.0

    def assign(self, share: Share) -> None:
        """Take a share from its beginning on; what was announced for later is replaced."""
        self._shares = [kept for kept in self._shares if kept.begin < share.begin] + [share]
        if len(self._shares) == 1:
            self._enter(share)

    def skip(self, elapsed_s: float) -> None:
        """Leave out what would be due up to a moment."""
        self.until(elapsed_s)

    def until(self, elapsed_s: float) -> NDArray[np.float64]:
        """The moments of this process's arrivals that are due up to a moment and not yet taken."""
        limit = self._axis.place(elapsed_s)
        parts = []
        while self._shares:
            following = self._shares[1] if len(self._shares) > 1 else None
            end = min(limit, following.begin) if following else limit
            parts.append(self._take(self._shares[0], end))
            if following is None or limit < following.begin:
                break
            del self._shares[0]
            self._enter(following)
        places = np.concatenate(parts) if parts else np.empty(0)
        return self._axis.seconds(places)

    def _enter(self, share: Share) -> None:
        self._place = max(self._place, float(share.begin))

    def _take(self, share: Share, end: float) -> NDArray[np.float64]:
        """The places of a share in ``[self._place, end)``, which are then taken."""
        begin, self._place = self._place, max(self._place, end)
        if share.count == 0 or end <= begin:
            return np.empty(0)
        if self._poisson:
            return self._draw(begin, end, share)
        # Arrival k lies at k + 0.5, and belongs to the process of rank k modulo count.
        lowest, beyond = math.ceil(begin - 0.5), math.ceil(end - 0.5)
        lowest += (share.rank - lowest) % share.count
        return np.arange(lowest, beyond, share.count, dtype=np.float64) + 0.5

    def _draw(self, begin: float, end: float, share: Share) -> NDArray[np.float64]:
        """The places of Poisson arrivals in ``[begin, end)``: the same however one comes there."""
        size = _BLOCK * share.count
        first = int(begin // size)
        blocks = range(first, max(first + 1, math.ceil(end / size)))
        places = np.concatenate([self._block(block, size, share) for block in blocks])
        inside: NDArray[np.float64] = places[(places >= begin) & (places < end)]
        return inside

    def _block(self, block: int, size: int, share: Share) -> NDArray[np.float64]:
        """A stretch of the axis: of a Poisson process it holds a Poisson number, evenly spread.

        Stretches are independent, so each has a seed of its own and none before it need be drawn.
        """
        words = f"{self._seed}:{share.rank}:{share.count}:{block}".encode()
        random = np.random.default_rng(list(words))
        return np.sort(random.uniform(block * size, (block + 1) * size, random.poisson(_BLOCK)))
