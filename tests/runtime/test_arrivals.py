"""The open model's schedule: every arrival once, at its moment, whoever takes it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.arrivals import Axis, Schedule, Share
from reli.plan import CONSTANT, ITERATIONS, POISSON, OpenModel, Plan
from reli.shares import Shares
from reli_analysis.record.run import StageSpan

levels = st.floats(0, 500).map(lambda level: round(level, 2))
legs = st.tuples(st.floats(0.05, 30), levels, levels)


def plan_of(parts: list[tuple[float, float, float]]) -> Plan:
    spans, start = [], 0.0
    for at, (seconds, first, last) in enumerate(parts):
        spans.append(StageSpan(f"s{at}", "ramp", "steady", start, start + seconds, first, last))
        start += seconds
    return Plan(tuple(spans), ITERATIONS, 5.0, OpenModel(10, CONSTANT, 30.0))


plans = st.lists(legs, min_size=1, max_size=6).map(plan_of)


def taken(schedule: Schedule, until: list[float]) -> list[float]:
    """Everything a process takes when it looks at these moments."""
    return [moment for limit in until for moment in schedule.until(limit).tolist()]


@given(plans, st.lists(st.floats(0, 1), max_size=8))
def test_as_many_arrive_as_the_rate_adds_up_to(plan: Plan, looks: list[float]) -> None:
    """Up to any moment the count is the integral of the rate, to the nearest arrival."""
    schedule = Schedule(plan, CONSTANT, "seed")
    schedule.assign(Share(0, 0, 1))
    arrived = 0
    for moment in [*sorted(look * plan.total_s for look in looks), plan.total_s, plan.total_s + 9]:
        arrived += len(schedule.until(moment))
        asked = plan.iterations_between(0, moment)
        assert abs(arrived - asked) <= 0.5 + 1e-6 * asked


@given(plans)
def test_arrivals_come_in_order_at_the_moment_that_the_plan_names(plan: Plan) -> None:
    """Arrival k lies where the integral of the rate reaches k and a half."""
    schedule = Schedule(plan, CONSTANT, "seed")
    schedule.assign(Share(0, 0, 1))
    moments = schedule.until(plan.total_s)
    assert (np.diff(moments) >= 0).all()
    for k in range(0, len(moments), max(1, len(moments) // 20)):
        reached = plan.iterations_between(0, float(moments[k]))
        assert reached == pytest.approx(k + 0.5, rel=1e-6, abs=1e-6)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Plan, list[tuple[float, int]]]:
    """A plan, and how many processes there are from which moment on."""
    plan = draw(plans)
    moments = sorted(draw(st.lists(st.floats(0, 1), max_size=5)))
    counts = [draw(st.integers(1, 5)) for _ in moments]
    times = [moment * plan.total_s for moment in moments]
    return plan, [(0.0, draw(st.integers(1, 5))), *zip(times, counts, strict=True)]


@given(histories(), st.lists(st.floats(0, 1), max_size=6))
def test_every_arrival_is_taken_once_whatever_the_shares(
    history: tuple[Plan, list[tuple[float, int]]], looks: list[float]
) -> None:
    """Processes come and go; together they take exactly the arrivals of one process alone."""
    plan, changes = history
    axis = Axis(plan)
    alone = Schedule(plan, CONSTANT, "seed")
    alone.assign(Share(0, 0, 1))
    expected = alone.until(plan.total_s).tolist()
    until = [*sorted(look * plan.total_s for look in looks), plan.total_s]
    everything: list[float] = []
    for process in range(5):
        schedule = Schedule(plan, CONSTANT, "seed")
        at = 0
        for moment in until:
            while at < len(changes) and changes[at][0] <= moment:
                since, count = changes[at]
                begin = int(np.ceil(axis.place(since)))
                inside = process < count
                # Announced before the process looks beyond it.
                schedule.assign(Share(begin, process if inside else 0, count if inside else 0))
                at += 1
            everything += schedule.until(moment).tolist()
    assert sorted(everything) == expected


@given(plans, st.integers(1, 7))
def test_shares_are_even_and_lie_between_each_other(plan: Plan, count: int) -> None:
    """Of n processes each takes every nth arrival, so no two differ by more than one."""
    totals = []
    for rank in range(count):
        schedule = Schedule(plan, CONSTANT, "seed")
        schedule.assign(Share(0, rank, count))
        totals.append(len(schedule.until(plan.total_s)))
    assert max(totals) - min(totals) <= 1


@given(plans, st.lists(st.floats(0, 1), max_size=6), st.integers(1, 3), st.integers(0, 500))
def test_poisson_arrivals_depend_on_the_seed_and_not_on_when_one_looks(
    plan: Plan, looks: list[float], count: int, late: int
) -> None:
    """The same seed and rank give the same arrivals, however late; another seed gives others."""

    def schedule(seed: str, begin: int = 0) -> Schedule:
        made = Schedule(plan, POISSON, seed)
        made.assign(Share(begin, count - 1, count))
        return made

    at_once = taken(schedule("a"), [plan.total_s])
    often = taken(schedule("a"), [*sorted(x * plan.total_s for x in looks), plan.total_s])
    assert often == pytest.approx(at_once)
    joined_late = taken(schedule("a", late), [plan.total_s])
    assert joined_late == at_once[len(at_once) - len(joined_late) :]
    if len(at_once) > 2:
        assert taken(schedule("b"), [plan.total_s]) != at_once


def test_poisson_arrivals_of_several_processes_are_poisson_together() -> None:
    """Counts of equal windows have the mean of the plan and a variance as large as the mean."""
    plan = plan_of([(1000.0, 0.0, 100.0), (1000.0, 100.0, 100.0)])
    moments = []
    for rank in range(4):
        schedule = Schedule(plan, POISSON, "seed")
        schedule.assign(Share(0, rank, 4))
        moments.append(schedule.until(plan.total_s))
    together = np.concatenate(moments)
    total = plan.iterations_between(0, plan.total_s)
    assert abs(len(together) - total) < 5 * total**0.5
    steady = together[together >= 1000]
    counts, _edges = np.histogram(steady, bins=1000)
    assert counts.mean() == pytest.approx(100, rel=0.02)
    assert counts.var() == pytest.approx(100, rel=0.2)  # constant arrivals have next to none


def test_what_is_skipped_is_not_made_up_for() -> None:
    """A process that paused goes on with what is due now."""
    schedule = Schedule(plan_of([(10.0, 10.0, 10.0)]), CONSTANT, "seed")
    schedule.assign(Share(0, 0, 1))
    schedule.skip(5.0)
    assert schedule.until(6.0).tolist() == pytest.approx([5.05 + 0.1 * k for k in range(10)])


def test_nothing_arrives_without_a_share() -> None:
    """A process that was never given a share, or whose share was taken, begins nothing."""
    schedule = Schedule(plan_of([(10.0, 10.0, 10.0)]), CONSTANT, "seed")
    assert len(schedule.until(3.0)) == 0
    schedule.assign(Share(40, 0, 1))
    schedule.assign(Share(60, 0, 0))
    assert schedule.until(10.0).tolist() == pytest.approx([4.05 + 0.1 * k for k in range(20)])


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), max_size=20))
def test_ranks_stay_closed_whoever_comes_and_goes(steps: list[tuple[bool, int]]) -> None:
    """The members always hold the ranks 0 to n - 1 of n, from one place on; who left holds none."""
    shares = Shares(Axis(plan_of([(100.0, 50.0, 50.0)])))
    for at, (joins, number) in enumerate(steps):
        process = f"w{number}"
        given_out = shares.change(
            at, join=[process] if joins else [], leave=[] if joins else [process]
        )
        holding = [share for share in given_out.values() if share.count]
        assert {p for p, share in given_out.items() if share.count} in (set(), set(shares.members))
        assert sorted(share.rank for share in holding) == list(range(len(holding)))
        assert all(share.count == len(shares.members) for share in holding)
        assert len({share.begin for share in given_out.values()}) <= 1
