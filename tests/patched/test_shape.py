"""The plan as Locust's load shape: every stage begins, and none late."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import gevent

from reli.plan import Plan
from reli.wiring.shape import PlanShape
from reli_analysis.record.run import StageSpan


def _plan(*stages: tuple[float, float]) -> Plan:
    """Stages of a length and a number of users each."""
    spans, start = [], 0.0
    for seconds, users in stages:
        spans.append(StageSpan("hold", "hold", "steady", start, start + seconds, users, users))
        start += seconds
    return Plan(tuple(spans), "users", 5.0)


def _asked(plan: Plan) -> list[tuple[float, int]]:
    """When how many users are asked for, as Locust asks: once a second."""
    began = time.monotonic()
    asked: list[tuple[float, int]] = []

    def elapsed_s() -> float:
        return time.monotonic() - began

    def start(users: int, _rate: float) -> None:
        asked.append((elapsed_s(), users))

    shape: Any = PlanShape(plan, elapsed_s, lambda _since_s: True)
    shape.runner = SimpleNamespace(start=start)
    while True:
        looked_s = elapsed_s()
        wanted = shape.tick()
        if wanted is None:
            return asked
        if not asked or asked[-1][1] != wanted[0]:
            start(*wanted)
        gevent.sleep(max(0.0, 1 - (elapsed_s() - looked_s)))


def test_no_stage_is_skipped_however_short() -> None:
    """Stages of a fraction of Locust's second are all asked for, in their order and their time."""
    stages = [(0.2, 10), (0.2, 20), (0.3, 30), (1.1, 40), (0.1, 50), (0.2, 60)]
    asked = _asked(_plan(*stages))
    assert [users for _at, users in asked] == [10, 20, 30, 40, 50, 60]
    begins = [sum(seconds for seconds, _users in stages[:at]) for at in range(len(stages))]
    assert all(at >= begin - 0.01 for (at, _users), begin in zip(asked, begins, strict=True))
