"""Are these runs of the same thing under the same load? What differs is refused, or warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli_analysis.units import format_duration, format_value
from reli_analysis.verdict import Verdict
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.record import RunInfo

REFUSED_DURATION = 0.25
WARNED_DURATION = 0.05
_MACHINE = ("cores", "usable_cores", "machine", "platform")
_MEMORY = 0.05
_NOT_LOAD = {"name", "path", "description", "extends", "budgets", "time_scale"}
"""Keys of a profile that say nothing about the load or what was measured."""
_LONGEST = 60


@dataclass(frozen=True)
class Difference:
    """Something in which runs differ; ``name`` is the word for ``--allow``.

    ``grave`` ones make the comparison INVALID; without a name nothing can allow it.
    """

    name: str
    message: str
    grave: bool


def differences(base: Sequence[MeasuredRun], candidate: Sequence[MeasuredRun]) -> list[Difference]:
    """All that differs between the first base and any other run, each said once."""
    first, *others = (*base, *candidate)
    found: dict[tuple[str, str], Difference] = {}
    for other in others:
        for difference in _between(first, other):
            found.setdefault((difference.name, difference.message.partition(":")[0]), difference)
    return [*found.values(), *_order(base, candidate)]


def _between(first: MeasuredRun, other: MeasuredRun) -> Iterator[Difference]:
    yield from _durations(first, other)
    one, two = first.info, other.info
    if one is None or two is None:
        unknown = first if one is None else other
        message = f"{unknown.title} tells nothing of its host, profile or versions: nothing could be checked"
        yield Difference("", message, grave=False)
        return
    yield from _profiles(one, two)
    if one.time_scale != two.time_scale:
        message = f"the time scales differ: {one.time_scale:g} and {two.time_scale:g}"
        yield Difference("time-scale", message, grave=True)
    yield from _hosts(one, two)
    yield from _versions(one, two)
    if len(one.targets) != len(two.targets):
        message = f"the targets differ: {len(one.targets)} and {len(two.targets)} were watched"
        yield Difference("", message, grave=False)


def _durations(first: MeasuredRun, other: MeasuredRun) -> Iterator[Difference]:
    longest = max(first.steady_s, other.steady_s)
    apart = abs(first.steady_s - other.steady_s) / longest if longest else 0.0
    if apart > WARNED_DURATION:
        lengths = f"{format_duration(first.steady_s)} and {format_duration(other.steady_s)}"
        message = f"the steady windows differ: {lengths} long"
        yield Difference("duration", message, grave=apart > REFUSED_DURATION)


def _profiles(one: RunInfo, two: RunInfo) -> Iterator[Difference]:
    if one.load != two.load:
        yield Difference("profile", "only some of the runs had a load", grave=True)
        return
    keys = sorted({*one.profile, *two.profile} - _NOT_LOAD)
    apart = [key for key in keys if one.profile.get(key) != two.profile.get(key)]
    if apart:
        values = f"{_short(one.profile.get(apart[0]))} and {_short(two.profile.get(apart[0]))}"
        message = f"the profiles differ: in {', '.join(apart)} ({apart[0]} is {values})"
        yield Difference("profile", message, grave=True)
    elif one.profile_name != two.profile_name:
        names = f"{_short(one.profile_name)} and {_short(two.profile_name)}"
        yield Difference("profile", f"the profiles have different names: {names}", grave=True)


def _hosts(one: RunInfo, two: RunInfo) -> Iterator[Difference]:
    apart = [key for key in _MACHINE if one.host.get(key) != two.host.get(key)]
    if apart:
        values = f"{_short(one.host.get(apart[0]))} and {_short(two.host.get(apart[0]))}"
        message = f"the hosts differ: in {', '.join(apart)} ({apart[0]} is {values})"
        yield Difference("host", message, grave=True)
    sizes = [_number(info.host.get("memory_bytes")) for info in (one, two)]
    if abs(sizes[0] - sizes[1]) > _MEMORY * max(sizes):
        values = " and ".join(format_value(size, "bytes") for size in sizes)
        yield Difference("host", f"the hosts' memory differs: {values}", grave=True)
    for key in ("name", "kernel"):
        if one.host.get(key) != two.host.get(key):
            values = f"{_short(one.host.get(key))} and {_short(two.host.get(key))}"
            yield Difference("host", f"the hosts have a different {key}: {values}", grave=False)


def _versions(one: RunInfo, two: RunInfo) -> Iterator[Difference]:
    keys = sorted({*one.versions, *two.versions})
    apart = [key for key in keys if one.versions.get(key) != two.versions.get(key)]
    if apart:
        told = ", ".join(
            f"{key} {one.versions.get(key, 'none')} and {two.versions.get(key, 'none')}"
            for key in apart[:3]
        )
        yield Difference("", one_line(f"versions of the load differ: {told}"), grave=False)


def _order(base: Sequence[MeasuredRun], candidate: Sequence[MeasuredRun]) -> Iterator[Difference]:
    """Repeats made one side after the other: whatever else changed in between counts as a change."""
    starts = [[run.info.started_wall_s for run in side if run.info] for side in (base, candidate)]
    several = all(
        len(side) == len(s) > 1 for side, s in zip((base, candidate), starts, strict=True)
    )
    if several and (max(starts[0]) < min(starts[1]) or max(starts[1]) < min(starts[0])):
        message = (
            "one side was run wholly before the other: what else changed on the host in between "
            "counts as a change; take turns (base, candidate, base, candidate, ...)"
        )
        yield Difference("", message, grave=False)


def checks(runs: Sequence[MeasuredRun]) -> list[Difference]:
    """What the runs' own checks say: one that cannot be believed cannot be compared."""
    return [
        Difference(
            "checks",
            one_line(
                f"{run.title} is {finding.verdict.value}, {finding.subject}: {finding.message}"
            ),
            grave=finding.verdict is Verdict.INVALID,
        )
        for run in runs
        for finding in run.findings
        if finding.verdict is not Verdict.PASS
    ]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _short(value: Any) -> str:
    return shorten(one_line(str(value)), _LONGEST)
