"""Puts what an agent measured on the run's own clock.

An agent says how long its own monotonic clock has run when it answers, which lies between our
question and its answer; so the distance of the two clocks is known to half a round trip, and two
answers that contradict each other tell that a clock has jumped. Its time of day is only looked at
to say that it is wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli.clock import RunClock
    from reli.sampling.agent_page import Answer

DRIFT = 2e-4
"""Seconds a second that two clocks may part without either having jumped: twice the worst quartz."""
_NOTICED_S = 0.5
"""A smaller step moves no reading that a person compares."""
_SLACK_S = 0.05
_WALL_WRONG_S = 2.0
_SAY_AGAIN_S = 60.0


@dataclass(frozen=True)
class _Distance:
    """Ours less theirs, known to ``half_s`` at the moment ``at_s`` of the run."""

    offset_s: float
    half_s: float
    at_s: float

    def error_s(self, now_s: float) -> float:
        return self.half_s + DRIFT * (now_s - self.at_s)


class AgentClock:
    """Translates the times of one agent; all times but the agent's own are seconds of the run.

    ``said`` of an answer are sentences about clocks, of each kind at most one a minute.
    """

    def __init__(self, clock: RunClock) -> None:
        self._clock = clock
        self._identity = ""
        self._distance = _Distance(0.0, math.inf, 0.0)
        self._ahead_s: float | None = None
        self._ahead_at_s = 0.0
        self._not_before_s = -math.inf
        self._not_after_s = 0.0
        self._last_s = -math.inf
        self._said_s: dict[str, float] = {}

    def take(self, answer: Answer) -> list[str]:
        """Learn from an answer, before its items are placed."""
        asked_s = answer.asked_s - self._clock.start_s
        came_s = answer.came_s - self._clock.start_s
        half_s = (came_s - asked_s) / 2
        now_s = asked_s + half_s
        found = _Distance(now_s - answer.head.elapsed_s, half_s, now_s)
        self._not_after_s = came_s
        said = self._look_at_wall(answer.head.wall_s, found)
        if answer.head.identity != self._identity:
            self._identity = answer.head.identity
            self._distance = found
        else:
            said += self._compare(found)
        return said

    def has_taken_all(self, answer: Answer) -> None:
        """The answer was the last that there was: whatever comes now was measured after it."""
        self._not_before_s = answer.asked_s - self._clock.start_s

    def place(self, agent_s: float) -> tuple[float, list[str]]:
        """When a sample was taken; each comes after the one before, whatever the agent says."""
        meant_s = agent_s + self._distance.offset_s
        earliest_s = max(self._not_before_s, self._last_s)
        placed_s = min(max(meant_s, earliest_s), self._not_after_s)
        self._last_s = placed_s
        if abs(placed_s - meant_s) <= _NOTICED_S + self._distance.error_s(placed_s):
            return placed_s, []
        return placed_s, self._say(
            "samples", "the agent's samples claim times at which they cannot have been taken"
        )

    def place_part(self, agent_s: float) -> float:
        """When a part of a sample was measured that is older than the sample."""
        return min(agent_s + self._distance.offset_s, self._last_s)

    def age_s(self, agent_s: float) -> float:
        """How long before the newest answer something was, by the agent's clock."""
        return max(0.0, self._not_after_s - agent_s - self._distance.offset_s)

    def _compare(self, found: _Distance) -> list[str]:
        """Whether two answers can both be true; the more exact one is kept."""
        known = self._distance
        moved_s = found.offset_s - known.offset_s
        if abs(moved_s) <= found.half_s + known.error_s(found.at_s) + _SLACK_S:
            if found.half_s <= known.error_s(found.at_s):
                self._distance = found
            return []
        self._distance = found
        how = "stood still for" if moved_s > 0 else "jumped ahead by"
        return self._say(
            "monotonic",
            f"the agent's clock {how} {abs(moved_s):.1f} s; its samples are placed by ours",
        )

    def _look_at_wall(self, wall_s: float, found: _Distance) -> list[str]:
        ahead_s = wall_s - self._clock.wall_s(found.at_s)
        before_s, passed_s = self._ahead_s, found.at_s - self._ahead_at_s
        self._ahead_s, self._ahead_at_s = ahead_s, found.at_s
        if before_s is None:
            if abs(ahead_s) <= _WALL_WRONG_S + found.half_s:
                return []
            way = "ahead of" if ahead_s > 0 else "behind"
            return self._say(
                "wall",
                f"the agent's time of day is {abs(ahead_s):,.1f} s {way} ours; it is not used",
            )
        moved_s = ahead_s - before_s
        if abs(moved_s) <= _NOTICED_S + 2 * found.half_s + DRIFT * passed_s:
            return []
        way = "forward" if moved_s > 0 else "back"
        return self._say(
            "wall",
            f"the agent's time of day was set {way} by {abs(moved_s):,.1f} s; it is not used",
        )

    def _say(self, about: str, said: str) -> list[str]:
        if self._not_after_s - self._said_s.get(about, -math.inf) < _SAY_AGAIN_S:
            return []
        self._said_s[about] = self._not_after_s
        return [said]
