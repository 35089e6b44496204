"""Says in plain sentences, and in a small chart, what a profile would do."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from reli.plan import CONSTANT, Plan, build_plan
from reli.profile.chart import BLOCKS, draw
from reli.profile.find import shown
from reli.profile.levels import ITERATIONS
from reli.profile.stages import Scale, Words, format_rate, format_users, say_stages
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli.profile.profile import Profile

_INDENT = re.compile(r" *(?:\d+\. )?")


def describe(profile: Profile, width: int = 80, characters: str = BLOCKS) -> str:
    """The whole description in lines at most ``width`` wide (but never under 40)."""
    plan = build_plan(profile)
    parts = [
        _wrapped(_heading(profile), width),
        draw(plan, width, characters),
        _wrapped(_stages(profile), width),
        _wrapped([*_totals(profile, plan), *_judged(profile, plan), _sampled(profile)], width),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts)


def one_line(profile: Profile) -> str:
    """``"2 h 1 min, up to 10 users. Holds ..."`` for a list of profiles."""
    plan = build_plan(profile)
    peak = format_users(plan.peak_users)
    return f"{format_duration(plan.total_s)}, up to {peak}. {profile.description}".strip()


def _wrapped(lines: list[str], width: int) -> list[str]:
    """Lines broken at the width, each continued below its own text."""
    wrapped = []
    for line in lines:
        number = _INDENT.match(line)
        indent = " " * (number.end() if number else 0)
        wrapped += textwrap.wrap(line, max(width, 40), subsequent_indent=indent)
    return wrapped


def _heading(profile: Profile) -> list[str]:
    chain = " extends ".join(shown(path) for path in (profile.path, *profile.extends))
    heading = [f"{profile.name}: {profile.description}" if profile.description else profile.name]
    return [*heading, f"({chain})"]


def _stages(profile: Profile) -> list[str]:
    scale = Scale(profile.load_unit, profile.base_rate_per_s)
    lines = say_stages(profile.stages, Words(scale, profile.time_scale))
    if profile.time_scale != 1:
        lines.append(
            f"Time scale {profile.time_scale:g}: stages take that share of the profile's times."
        )
    return lines


def _totals(profile: Profile, plan: Plan) -> list[str]:
    duration = format_duration(plan.total_s)
    if plan.load_unit != ITERATIONS:
        users = format_users(plan.peak_users)
        pace = "each going as fast as its waits and the service let it"
        return [f"In all {duration} with at most {users}, {pace}."]
    iterations = plan.iterations_between(0, plan.total_s)
    users = format_users(plan.peak_users)
    if plan.open:
        spread = "evenly spaced" if plan.open.arrivals == CONSTANT else "at random times (Poisson)"
        patience = format_duration(plan.open.drop_after_s)
        begin = (
            f"In all {duration} and {iterations:,.0f} iterations that begin {spread}, whether or"
        )
        carry = f"not earlier ones have ended; up to {users} carry them, and one that waits"
        return [f"{begin} {carry} {patience} for a free user is a failure."]
    pace = f"each makes {format_rate(profile.pace_per_s)} and waits for its answer"
    return [f"In all {duration} and {iterations:,.0f} iterations, at most {users}: {pace}."]


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


_TARGETS = {
    "self": "the load processes",
    "host": "this host",
    "pid": "process {}",
    "name": "processes named {}",
    "cmd": "processes whose command line matches {}",
    "port": "whoever listens on port {}",
    "cgroup": "cgroup {}",
    "container": "container {}",
    "prometheus": "metrics at {}",
    "agent": "what the agent at {} samples",
}
"""How the kinds of targets are said; one that is not here is said as it is written."""


def _target(target: str) -> str:
    kind, _colon, argument = target.partition(":")
    return _TARGETS[kind].format(argument) if kind in _TARGETS else target
