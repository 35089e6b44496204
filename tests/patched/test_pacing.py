"""Paced users together make the planned rate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.plan import ITERATIONS, Plan
from reli.wiring.pacing import Pacer, next_due_s
from reli_analysis.record import StageSpan


def _plan(*levels: tuple[float, float, float]) -> Plan:
    """Stages of (length, from, to) in iterations a second, at 5/s a user."""
    spans, at_s = [], 0.0
    for length_s, begin, end in levels:
        spans.append(StageSpan(str(at_s), "ramp", "steady", at_s, at_s + length_s, begin, end))
        at_s += length_s
    return Plan(tuple(spans), ITERATIONS, 5.0)


rates = st.floats(0.5, 200)


@given(rates, st.floats(0, 1))
def test_a_steady_rate_is_kept_exactly(rate: float, phase: float) -> None:
    """At a constant rate a user is due each users / rate seconds."""
    plan = _plan((1000.0, rate, rate))
    point = plan.at(0)
    assert point is not None
    period_s = point.users / rate
    first = next_due_s(plan, 0.0, phase)
    assert first == pytest.approx(phase * period_s, abs=1e-6)
    assert next_due_s(plan, first) - first == pytest.approx(period_s, rel=1e-6)


@given(rates, rates)
def test_users_follow_a_ramp(begin: float, end: float) -> None:
    """Over a ramp, all users together make the integral of the rate, to within one turn each."""
    plan = _plan((60.0, begin, end), (1.0, end, end))
    users = plan.users_for(max(begin, end))
    made = 0.0
    at_s = 0.0
    while (at_s := next_due_s(plan, at_s)) < 60:
        point = plan.at(at_s)
        assert point is not None
        made += point.users  # each user that is there makes this turn
    assert made == pytest.approx(plan.iterations_between(0, 60), rel=0.15, abs=2 * users)


def test_nobody_is_due_after_the_end() -> None:
    """Past the plan a user waits, whatever happens."""
    plan = _plan((10.0, 5.0, 5.0))
    assert next_due_s(plan, 11.0) > 3000


def test_a_late_user_skips_what_it_missed() -> None:
    """In the closed model the load waits for the service: no burst afterwards."""
    now = [0.0]
    clock: Any = SimpleNamespace(elapsed_s=lambda: now[0])
    pacer = Pacer(clock, _plan((1000.0, 5.0, 5.0)), "seed")
    user_class = type("U", (), {"wait_time": lambda _self: 99.0})
    pacer.attach([user_class])
    user = user_class()
    user.wait_time()
    now[0] = 50.0
    assert user.wait_time() == 0
    assert user.wait_time() == pytest.approx(0.2, abs=0.01)
    assert pacer.iterations == 3
    pacer.detach()
    assert user.wait_time() == 99.0
