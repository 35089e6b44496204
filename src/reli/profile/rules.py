"""What must hold between the values of a profile; each value on its own is the schema's matter.

The first rules read the document as written, and skip what the schema refuses, so that their
problems can be told together with the schema's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from reli.profile.levels import ITERATIONS, USERS, Level, parse_level
from reli.profile.stages import KINDS
from reli.profile.values import MOST_USERS, OPEN
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reli.profile.document import Document
    from reli.profile.source import Loc
    from reli.profile.stages import Leg

MOST_STAGES = 10_000
_OPEN_KEYS = ("users", "arrivals", "drop_after")
_KIND = {ITERATIONS: "a rate", USERS: "a number of users"}


def written_problems(data: dict[str, Any], *, has_base_rate: bool) -> Iterator[tuple[Loc, str]]:
    """Problems of a document as written, whether or not the schema accepts it."""
    stages = list(_stages(data, ()))
    for loc, stage in stages:
        yield from _kind_problems(loc, stage)
    yield from _level_problems(levels_in(data), has_base_rate)
    yield from _model_problems(data)
    if stages:
        yield from _first_problem(stages)


def levels_in(data: dict[str, Any]) -> list[tuple[Loc, Level]]:
    """Every level of a document as written, with its place."""
    return [found for loc, stage in _stages(data, ()) for found in _levels(loc, stage)]


def _stages(data: Any, loc: Loc) -> Iterator[tuple[Loc, dict[str, Any]]]:
    """Every stage that is a mapping, those within loops too, with its place."""
    listed = data.get("stages") if isinstance(data, dict) else None
    for at, stage in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(stage, dict):
            here = (*loc, "stages", at)
            yield here, stage
            yield from _stages(stage.get("repeat"), (*here, "repeat"))


def _levels(loc: Loc, stage: dict[str, Any]) -> Iterator[tuple[Loc, Level]]:
    for kind in KINDS:
        body = stage.get(kind)
        for key in ("at", "from", "to"):
            written = body.get(key) if isinstance(body, dict) else None
            if isinstance(written, str) and len(written) <= 100:
                try:
                    yield (*loc, kind, key), parse_level(written)
                except InputError:
                    continue


def _kind_problems(loc: Loc, stage: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    kinds = [key for key in stage if key in KINDS]
    if not kinds and not set(stage) - {"name", "window"}:  # an unknown key is the schema's matter
        yield loc, f"a stage needs one of {', '.join(KINDS)}; write for example hold: {{for: 1m}}"
    for kind in kinds[1:]:
        yield (*loc, kind), f'stands beside "{kinds[0]}"; give it a list entry of its own'


def _level_problems(
    levels: Sequence[tuple[Loc, Level]], has_base_rate: bool
) -> Iterator[tuple[Loc, str]]:
    unit, first = next(((level.unit, level) for _, level in levels if level.unit), (None, None))
    for loc, level in levels:
        if unit and level.unit and level.unit != unit:
            yield (
                loc,
                (
                    f'"{level}" is {_KIND[level.unit]}, but "{first}" above is {_KIND[unit]}; '
                    "state every level of a profile in rates or every one in users"
                ),
            )
    shares = [(loc, level) for loc, level in levels if level.family == "share"]
    if shares and not has_base_rate:
        loc, level = shares[0]
        yield loc, f'"{level}" needs to know what 100 % is; add for example base_rate: 50/s'


def _model_problems(data: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Keys and levels that the model of load would silently ignore."""
    if data.get("model", "closed") == OPEN:
        for loc, level in levels_in(data):
            if level.unit == USERS:
                yield loc, f'"{level}" has no meaning in the open model; write a rate such as 50/s'
                return
        return
    for key in _OPEN_KEYS:
        if key in data:
            yield (key,), f'"{key}" belongs to the open model; write model: open, or leave it away'


def _first_problem(stages: Sequence[tuple[Loc, dict[str, Any]]]) -> Iterator[tuple[Loc, str]]:
    loc, stage = next(((at, s) for at, s in stages if "repeat" not in s), stages[0])
    hold = stage.get("hold")
    if isinstance(hold, dict) and "at" not in hold and not set(stage) & set(KINDS) - {"hold"}:
        yield (
            (*loc, "hold"),
            'there is no level before the first stage; write for example "at: 10%"',
        )


def size_problem(document: Document) -> str | None:
    """The reason why a profile's stages cannot be unrolled."""
    count = sum(stage.body.count() for stage in document.stages)
    if count > MOST_STAGES:
        return (
            f"unrolls to {count:,} stages, more than {MOST_STAGES:,}; repeat less often, "
            "or hold longer"
        )
    return None


def load_problem(legs: Sequence[Leg], unit: str, pace_per_s: float | None) -> str | None:
    """The reason why a profile's load cannot be offered; without a pace users do not follow it."""
    peak = max(max(leg.from_level, leg.to_level) for leg in legs)
    if peak == 0:
        return "never offers any load; raise a level above 0"
    if pace_per_s is None:
        return None
    users = math.ceil(peak / pace_per_s) if unit == ITERATIONS else peak
    if users > MOST_USERS:
        advice = "lower the levels" if unit == USERS else "lower the levels, or raise the pace"
        return f"needs {users:,.0f} users, more than {MOST_USERS:,}; {advice}"
    return None
