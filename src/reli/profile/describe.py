"""Says in plain sentences, and in a small chart, what a profile would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.plan import Plan, build_plan
from reli.profile.chart import BLOCKS, draw
from reli.profile.find import shown
from reli.profile.levels import ITERATIONS
from reli.profile.stages import Scale, Words, format_rate, format_users, say_stages
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli.profile.profile import Profile


def describe(profile: Profile, width: int = 80, characters: str = BLOCKS) -> str:
    """The whole description; lines of the chart are at most ``width`` wide."""
    plan = build_plan(profile)
    parts = [
        _heading(profile),
        draw(plan, width, characters),
        _stages(profile),
        [*_totals(profile, plan), *_judged(profile, plan), _sampled(profile)],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts)


def one_line(profile: Profile) -> str:
    """``"2 h 1 min, up to 10 users. Holds ..."`` for a list of profiles."""
    plan = build_plan(profile)
    peak = format_users(plan.peak_users)
    return f"{format_duration(plan.total_s)}, up to {peak}. {profile.description}".strip()


def _heading(profile: Profile) -> list[str]:
    chain = " extends ".join(shown(path) for path in (profile.path, *profile.extends))
    heading = [f"{profile.name}: {profile.description}" if profile.description else profile.name]
    return [*heading, f"({chain})"]


def _stages(profile: Profile) -> list[str]:
    scale = Scale(profile.load_unit, profile.base_rate_per_s)
    lines = say_stages(profile.stages, Words(scale, profile.time_scale))
    if profile.time_scale != 1:
        lines.append(f"Every stage takes {profile.time_scale:g} times what the profile says.")
    return lines


def _totals(profile: Profile, plan: Plan) -> list[str]:
    duration = format_duration(plan.total_s)
    if plan.load_unit != ITERATIONS:
        return [
            f"In all {duration} with at most {format_users(plan.peak_users)}, "
            "each going as fast as its waits and the service let it."
        ]
    iterations = plan.iterations_between(0, plan.total_s)
    users = format_users(plan.peak_users)
    return [
        f"In all {duration} and {iterations:,.0f} iterations, at most {users}: "
        f"each makes {format_rate(profile.pace_per_s)} and waits for its answer."
    ]


def _judged(profile: Profile, plan: Plan) -> list[str]:
    steady_s = sum(span.end_s - span.start_s for span in plan.spans if span.window == "steady")
    if not profile.budgets:
        return ["Nothing is judged: the profile has no budgets."]
    over = f"{format_duration(steady_s)} of steady load" if steady_s else "no steady load at all"
    return [f"Judged over {over}:", *(f"  {budget}" for budget in profile.budgets)]


def _sampled(profile: Profile) -> str:
    names = [_target(target) for target in profile.targets]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    sampling = profile.sampling
    return (
        f"Sampled every {format_duration(sampling.interval_s)}: {listed}; "
        f"memory of their own every {format_duration(sampling.uss_every_s)}."
    )


def _target(target: str) -> str:
    return "the load processes" if target == "self" else f"process {target.partition(':')[2]}"
