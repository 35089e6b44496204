"""What a profile asks for at each moment: pure functions of the seconds since the start."""

from __future__ import annotations

import dataclasses
import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from reli_analysis.record.run import StageSpan

if TYPE_CHECKING:
    from reli.profile import Profile

ITERATIONS = "iterations/s"

CONSTANT = "constant"
POISSON = "poisson"
ARRIVALS = (CONSTANT, POISSON)
"""How the arrivals of the open model lie in time: evenly, or as independent people come."""


@dataclass(frozen=True)
class Point:
    """What is asked for at one moment; ``rate_per_s`` is ``None`` for a load stated in users."""

    users: int
    rate_per_s: float | None
    stage: str
    window: str


@dataclass(frozen=True)
class OpenModel:
    """What the open model adds: ``users`` bound how many iterations run at once.

    ``arrivals`` is ``"constant"`` or ``"poisson"``; one that waits ``drop_after_s`` for a free user
    is given up.
    """

    users: int
    arrivals: str
    drop_after_s: float


@dataclass(frozen=True)
class Plan:
    """A profile's stages as they lie in time, loops unrolled, without gaps.

    Levels are in ``load_unit``: ``"iterations/s"`` or ``"users"``. In the closed model a rate takes
    as many users as make it at ``pace_per_s`` iterations a second each; in the open model the
    number of users is the same all the time.
    """

    spans: tuple[StageSpan, ...]
    load_unit: str
    pace_per_s: float
    open: OpenModel | None = None

    @property
    def total_s(self) -> float:
        return self.spans[-1].end_s

    def at(self, elapsed_s: float) -> Point | None:
        """What is asked for at a moment; ``None`` from the end on."""
        if elapsed_s >= self.total_s:
            return None
        span = self.spans[self._index(elapsed_s)]
        level = level_in(span, elapsed_s)
        rate = level if self.load_unit == ITERATIONS else None
        return Point(self.users_for(level), rate, span.name, span.window)

    def next_start_s(self, elapsed_s: float) -> float:
        """When the next stage begins, or the last one ends."""
        following = self._index(elapsed_s) + 1
        return self.spans[following].start_s if following < len(self.spans) else self.total_s

    def users_for(self, level: float) -> int:
        """Users that a level takes: whole ones, and at least one while there is any load."""
        if self.open:
            return self.open.users
        if level <= 0:
            return 0
        users = level / self.pace_per_s if self.load_unit == ITERATIONS else level
        # 0.1 * 200 / 5 must stay 4 users whatever the last binary digit says.
        return max(1, math.ceil(users - 1e-9 * max(users, 1.0)))

    def iterations_between(self, start_s: float, end_s: float) -> float:
        """How many iterations are asked for from one moment to a later one.

        The exact integral of the rate, which is piecewise linear; NaN for a load in users, which
        asks for no number of iterations.
        """
        if self.load_unit != ITERATIONS:
            return math.nan
        return self._iterations_until(end_s) - self._iterations_until(start_s)

    @property
    def peak_users(self) -> int:
        return self.users_for(self.peak_level)

    @property
    def peak_level(self) -> float:
        return max(max(span.from_level, span.to_level) for span in self.spans)

    @cached_property
    def _starts(self) -> tuple[float, ...]:
        return tuple(span.start_s for span in self.spans)

    @cached_property
    def _iterations_at_start(self) -> tuple[float, ...]:
        areas = (_area(span, span.end_s) for span in self.spans)
        return tuple(accumulate(areas, initial=0.0))

    def _index(self, elapsed_s: float) -> int:
        return max(0, bisect_right(self._starts, elapsed_s) - 1)

    def _iterations_until(self, elapsed_s: float) -> float:
        moment = min(max(elapsed_s, 0.0), self.total_s)
        index = self._index(moment)
        return self._iterations_at_start[index] + _area(self.spans[index], moment)


def level_in(span: StageSpan, elapsed_s: float) -> float:
    """The level that a stage asks for at a moment within it."""
    length = span.end_s - span.start_s
    if length <= 0 or span.from_level == span.to_level:
        return span.to_level
    share = min(max((elapsed_s - span.start_s) / length, 0.0), 1.0)
    return span.from_level * (1 - share) + span.to_level * share


def _area(span: StageSpan, until_s: float) -> float:
    """The integral of the level from the span's start to a moment within it."""
    return (until_s - span.start_s) * (span.from_level + level_in(span, until_s)) / 2


def build_plan(profile: Profile) -> Plan:
    """Lay a profile's stages out in time, shortened by its ``time_scale``."""
    spans = []
    start = 0.0
    for leg in profile.legs:
        end = start + leg.seconds * profile.time_scale
        spans.append(
            StageSpan(
                name=leg.name,
                kind=leg.kind,
                window=leg.window or "steady",
                start_s=start,
                end_s=end,
                from_level=leg.from_level,
                to_level=leg.to_level,
            )
        )
        start = end
    return Plan(tuple(spans), profile.load_unit, profile.pace_per_s, _open_model(profile))


def _open_model(profile: Profile) -> OpenModel | None:
    if not profile.is_open:
        return None
    return OpenModel(profile.users, profile.arrivals, profile.drop_after_s)


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """A plan as plain values, to send to workers or to keep."""
    return {
        "spans": [dataclasses.asdict(span) for span in plan.spans],
        "load_unit": plan.load_unit,
        "pace_per_s": plan.pace_per_s,
        "open": dataclasses.asdict(plan.open) if plan.open else None,
    }


def plan_from_json(data: dict[str, Any]) -> Plan:
    """The plan that :func:`plan_to_json` wrote."""
    spans = tuple(StageSpan(**span) for span in data["spans"])
    model = OpenModel(**data["open"]) if data["open"] else None
    return Plan(spans, data["load_unit"], data["pace_per_s"], model)
