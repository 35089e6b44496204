"""The plan as a pure function of elapsed seconds."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reli.plan import Plan, Point, build_plan, plan_from_json, plan_to_json
from reli.profile import load_profile
from reli_analysis.record import StageSpan

if TYPE_CHECKING:
    from pathlib import Path

WINDOWS = {"warm-up", "steady", "fault", "recovery", "cool-down"}


def _seconds(lowest: float = 0.01) -> st.SearchStrategy[float]:
    return st.floats(lowest, 1000).map(lambda x: round(x, 3))


@st.composite
def _stage(draw: st.DrawFn, unit: str, depth: int = 0) -> dict[str, Any]:
    def level() -> str:
        return f"{draw(st.integers(0, 3000))}{unit}"

    kinds = ["ramp", "hold", "step", "burst"] + (["repeat"] if depth < 2 else [])
    match draw(st.sampled_from(kinds)):
        case "ramp":
            return {"ramp": {"to": level(), "for": draw(_seconds())}}
        case "hold":
            at = {"at": level()} if depth or draw(st.booleans()) else {}
            return {"hold": {**at, "for": draw(_seconds())}}
        case "step":
            steps, each = draw(st.integers(2, 5)), draw(_seconds())
            return {"step": {"from": level(), "to": level(), "steps": steps, "each": each}}
        case "burst":
            rest, ramp = draw(st.sampled_from([0, 1.5])), draw(st.sampled_from([0, 2]))
            return {"burst": {"to": level(), "for": draw(_seconds()), "rest": rest, "ramp": ramp}}
        case _:
            stages = draw(st.lists(_stage(unit, depth + 1), min_size=1, max_size=3))
            return {"repeat": {"times": draw(st.integers(1, 3)), "stages": stages}}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Valid profiles of both families."""
    unit = draw(st.sampled_from(["%", "/s", " users"]))
    first = {"ramp": {"to": f"{draw(st.integers(1, 500))}{unit}", "for": draw(_seconds())}}
    stages = [first, *draw(st.lists(_stage(unit), max_size=5))]
    return {"base_rate": "40/s", "pace": "7/s", "stages": stages}


def plan_of(document: dict[str, Any], path: Path, time_scale: float = 1.0) -> Plan:
    file = path / "some.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return build_plan(load_profile(file, time_scale=time_scale))


properties = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@properties
@given(document=documents())
def test_stages_follow_one_another_without_gaps(document: dict[str, Any], tmp_path: Path) -> None:
    """Spans cover the plan from 0 to its end, each with a name of its own and a window."""
    plan = plan_of(document, tmp_path)
    assert plan.spans[0].start_s == 0
    assert plan.spans[-1].end_s == plan.total_s
    for span, following in zip(plan.spans, plan.spans[1:], strict=False):
        assert span.end_s == following.start_s
    assert all(span.start_s < span.end_s for span in plan.spans)
    assert len({span.name for span in plan.spans}) == len(plan.spans)
    assert {span.window for span in plan.spans} <= WINDOWS


@properties
@given(document=documents(), share=st.floats(0, 1))
def test_every_moment_lies_within_its_stage(
    document: dict[str, Any], share: float, tmp_path: Path
) -> None:
    """At any moment the level is between those of the stage in force, and users suffice for it."""
    plan = plan_of(document, tmp_path)
    moment = share * plan.total_s
    point = plan.at(moment)
    if moment >= plan.total_s:
        assert point is None
        return
    assert point is not None
    span = next(span for span in plan.spans if span.start_s <= moment < span.end_s)
    assert (point.stage, point.window) == (span.name, span.window)
    low, high = sorted((span.from_level, span.to_level))
    assert 0 <= point.users <= plan.peak_users
    if point.rate_per_s is None:
        assert plan.load_unit == "users"
        assert math.floor(low) <= point.users <= math.ceil(high)
    else:
        assert low * (1 - 1e-12) <= point.rate_per_s <= high * (1 + 1e-12)
        assert point.users * plan.pace_per_s >= point.rate_per_s * (1 - 1e-8)
        assert (point.users > 0) == (point.rate_per_s > 0)


@properties
@given(document=documents(), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_iterations_are_the_integral_of_the_rate(
    document: dict[str, Any], shares: tuple[float, float], tmp_path: Path
) -> None:
    """What is asked for between two moments equals the numeric sum of the rate between them."""
    plan = plan_of(document, tmp_path)
    start, end = sorted(share * plan.total_s for share in shares)
    if plan.load_unit == "users":
        assert math.isnan(plan.iterations_between(start, end))
        return
    total = 0.0
    for span in plan.spans:
        low, high = max(start, span.start_s), min(end, span.end_s)
        if low < high:
            # The middle of each piece: exact for straight lines, apart from rounding.
            width = (high - low) / 8
            points = [plan.at(low + (n + 0.5) * width) for n in range(8)]
            total += sum(point.rate_per_s or 0 for point in points if point) * width
    scale = plan.peak_level * plan.total_s
    assert plan.iterations_between(start, end) == pytest.approx(total, rel=1e-6, abs=1e-9 * scale)


@properties
@given(document=documents(), scale=st.floats(0.01, 20), share=st.floats(0, 0.999))
def test_time_scale_shortens_stages_and_keeps_levels(
    document: dict[str, Any], scale: float, share: float, tmp_path: Path
) -> None:
    """A scaled plan is the same story told faster."""
    plan, scaled = plan_of(document, tmp_path), plan_of(document, tmp_path, scale)
    assert scaled.total_s == pytest.approx(plan.total_s * scale)
    assert scaled.peak_users == plan.peak_users
    for span, other in zip(plan.spans, scaled.spans, strict=True):
        assert other.end_s == pytest.approx(span.end_s * scale)
        assert (other.name, other.window) == (span.name, span.window)
        assert (other.from_level, other.to_level) == (span.from_level, span.to_level)
    if plan.load_unit != "users":
        part = plan.iterations_between(0, share * plan.total_s)
        scaled_part = scaled.iterations_between(0, share * scaled.total_s)
        bound = 1e-9 * plan.peak_level * scaled.total_s
        assert scaled_part == pytest.approx(part * scale, rel=1e-6, abs=bound)


@properties
@given(document=documents())
def test_a_plan_survives_its_journey_to_the_workers(
    document: dict[str, Any], tmp_path: Path
) -> None:
    """A plan as plain values, through JSON, is the same plan."""
    plan = plan_of(document, tmp_path)
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


def _plan(level: float, pace: float, unit: str = "iterations/s") -> Plan:
    return Plan((StageSpan("a", "hold", "steady", 0.0, 10.0, level, level),), unit, pace)


@pytest.mark.parametrize(
    ("rate", "pace", "users"),
    [(0, 5, 0), (0.001, 5, 1), (5, 5, 1), (5.01, 5, 2), (0.1 * 200, 5, 4), (1.1 * 50, 5, 11)],
)
def test_a_rate_takes_as_many_users_as_make_it(rate: float, pace: float, users: int) -> None:
    """V094: users are the rate divided by a user's pace, rounded up, never 0 under load."""
    assert _plan(rate, pace).at(0) == Point(users, rate, "a", "steady")


def test_the_plan_ends_at_its_end_and_begins_at_0() -> None:
    """There is nothing from the end on; before the start is the start."""
    plan = _plan(7, 5)
    assert plan.at(-1) == plan.at(0) == plan.at(9.999)
    assert plan.at(10) is None
    assert plan.at(1e9) is None
    assert plan.iterations_between(-5, 100) == 70


def test_a_plan_of_users_asks_for_no_rate() -> None:
    """Where the load is stated in users, there is no rate, and no number of iterations."""
    plan = _plan(100, 5, "users")
    assert plan.at(1) == Point(100, None, "a", "steady")
    assert math.isnan(plan.iterations_between(0, 1))


def test_at_a_border_the_later_stage_is_in_force(tmp_path: Path) -> None:
    """A stage begins with its first moment."""
    stages = [{"hold": {"at": "5/s", "for": 1}}, {"hold": {"at": "9/s", "for": 1}}]
    plan = plan_of({"stages": stages}, tmp_path)
    rates = [(plan.at(moment) or _plan(0, 1).at(0)) for moment in (0, 0.999, 1, 1.999)]
    assert [point.rate_per_s for point in rates if point] == [5, 5, 9, 9]


def test_the_plan_needs_neither_locust_nor_a_yaml_parser() -> None:
    """A worker builds its plan from plain values without importing what reads profiles."""
    code = (
        "import sys, reli.plan; "
        "print(sorted({'locust', 'gevent', 'pydantic', 'yaml', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
