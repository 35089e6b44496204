"""The profiles that reli ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from reli.plan import build_plan
from reli.profile import load_profile
from reli.profile.find import profiles_in, shipped_directory

PROFILES = dict(profiles_in(shipped_directory()))
GENERIC = {"smoke", "load", "stress", "soak", "soak-48h", "burst"}
TRACER = {
    f"tracer/{name}"
    for name in ("smoke", "load", "stress", "soak", "burst", "baseline", "moderate", "high", "peak")
}


def test_every_kind_of_load_is_shipped() -> None:
    """V086-V089, J075-J082: each load level has its profile."""
    assert set(PROFILES) == GENERIC | TRACER


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_shipped_profile_loads_and_says_what_it_is_for(name: str) -> None:
    """Each validates whole, is judged, and has a plan and a description."""
    profile = load_profile(PROFILES[name])
    assert profile.description.endswith(".")
    assert len(profile.budgets) >= 2
    assert build_plan(profile).at(0) is not None


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_shipped_profile_has_steady_load_to_judge(name: str) -> None:
    """Nearly all of the time between warm-up and cool-down is steady."""
    plan = build_plan(load_profile(PROFILES[name]))
    steady = sum(span.end_s - span.start_s for span in plan.spans if span.window == "steady")
    assert steady >= 0.8 * plan.total_s
    assert plan.spans[0].window == "warm-up"


@pytest.mark.parametrize(
    ("name", "peak_per_s", "total_s"),
    [
        ("smoke", 5, 70),  # V086, V090
        ("load", 50, 31 * 60),  # V087, V091, V094
        ("stress", 100, 11.5 * 60),  # V088, V092
        ("soak", 50, 121 * 60),  # V089, V093
        ("soak-48h", 50, 48 * 3600 + 60),
        ("burst", 500, 600),  # J102, J105
        ("tracer/smoke", 20, 60),
        ("tracer/burst", 2000, 600),
    ],
)
def test_load_levels_are_those_of_the_plan(name: str, peak_per_s: float, total_s: float) -> None:
    """Shares of the base rate and durations are what the requirements name."""
    plan = build_plan(load_profile(PROFILES[name]))
    assert plan.peak_level == pytest.approx(peak_per_s)
    assert plan.open or plan.peak_users == -(-peak_per_s // 5)  # V094
    assert plan.total_s == pytest.approx(total_s)


@pytest.mark.parametrize(
    ("name", "users", "budgets"),
    [
        ("baseline", 100, {"p95 < 1ms", "error_ratio <= 0%", "throughput > 1000/s"}),  # J076
        ("moderate", 500, {"p95 < 2ms", "drop_ratio < 0.1%", "throughput > 3000/s"}),  # J078
        ("high", 1000, {"p95 < 5ms", "drop_ratio < 1%", "throughput > 5000/s"}),  # J080
        ("peak", 2000, {"p95 < 10ms", "drop_ratio < 5%"}),  # J082
    ],
)
def test_scenarios_in_users_promise_what_the_plan_asks(
    name: str, users: int, budgets: set[str]
) -> None:
    """J075-J082: users and budgets of the four scenarios."""
    profile = load_profile(PROFILES[f"tracer/{name}"])
    assert profile.load_unit == "users"
    assert build_plan(profile).peak_users == users
    assert budgets <= set(profile.budgets)


@pytest.mark.parametrize("name", sorted(TRACER))
def test_every_tracer_profile_accounts_for_every_span(name: str) -> None:
    """J037, J102: whatever the latency, spans must have arrived or be counted as dropped."""
    budgets = load_profile(PROFILES[name]).budgets
    assert "last unaccounted_spans < 1" in budgets
    assert any(budget.startswith("drop_ratio < ") for budget in budgets)


def test_the_soak_judges_leaks() -> None:
    """V089, J040: a soak looks for leaks of memory, descriptors and threads."""
    for name in ("soak", "soak-48h", "tracer/soak"):
        budgets = load_profile(PROFILES[name]).budgets
        assert {"no leak in rss, fds, threads", "growth rss < 100MiB"} <= set(budgets)


def _schema_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_shipped_profile_points_its_editor_to_the_schema(name: str) -> None:
    """The first line names the schema's file, relative to the profile."""
    path = PROFILES[name]
    target = _schema_line(path).removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / target).resolve() == (shipped_directory() / "schema.json").resolve()


@pytest.mark.parametrize("name", sorted(GENERIC))
def test_generic_profiles_use_nothing_of_one_service(name: str) -> None:
    """A profile for any service has no budget on what only the tracer publishes."""
    document: dict[str, Any] = yaml.safe_load(PROFILES[name].read_text(encoding="utf-8"))
    words = " ".join(document.get("budgets", []))
    assert not any(metric in words for metric in ("drop_ratio", "spans", "queue"))
