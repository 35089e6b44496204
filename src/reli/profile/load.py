"""From a name or path to a ``Profile``: find, read, inherit, validate whole, resolve."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reli.profile.document import Document
from reli.profile.find import find_profile, shown
from reli.profile.inherit import Inherited, inherit
from reli.profile.levels import ITERATIONS, USERS
from reli.profile.problems import schema_problems
from reli.profile.profile import Profile, SamplingPlan
from reli.profile.rules import levels_in, load_problem, size_problem, written_problems
from reli.profile.source import Loc, Problem
from reli.profile.stages import Leg, Scale, unroll
from reli.profile.values import OPEN, read_name
from reli_analysis.errors import InputError, ProfileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MOST_PROBLEMS = 100
_FEWEST_USERS, _MOST_DEFAULT_USERS = 10, 1000


def load_profile(
    name_or_path: str | Path,
    *,
    near: Sequence[Path] = (),
    base_rate_per_s: float | None = None,
    time_scale: float = 1.0,
) -> Profile:
    """Load and validate one profile.

    A name is looked up in ``near``, then in ``./profiles``, then among those that reli ships.
    ``base_rate_per_s`` goes before the profile's own ``base_rate``; ``time_scale`` shortens every
    stage and leaves the levels. Raises ``ProfileError`` with every problem of the file, or
    ``InputError`` or ``UnknownNameError`` when there is no such file.
    """
    check_time_scale(time_scale)
    path = find_profile(str(name_or_path), near)
    inherited = inherit(path, near)
    document = _validate(inherited, has_base_rate=base_rate_per_s is not None)
    return _resolve(document, inherited, base_rate_per_s, time_scale)


def check_time_scale(time_scale: float) -> float:
    """The factor itself; raises ``InputError`` unless it is more than 0 and at most 1000."""
    if not (math.isfinite(time_scale) and 0 < time_scale <= 1000):
        raise InputError(
            f"a time scale of {time_scale:g} is out of range; "
            "write more than 0 and at most 1000, for example 0.05"
        )
    return time_scale


def _validate(inherited: Inherited, *, has_base_rate: bool) -> Document:
    """The document; raises ``ProfileError`` with every problem that can be told."""
    source = inherited.source
    found: list[tuple[Loc, str]] = []
    document = None
    try:
        document = Document.model_validate(source.data)
    except ValidationError as error:
        found += schema_problems(error)
    known = has_base_rate or "base_rate" in source.data or not inherited.whole
    found += written_problems(source.data, has_base_rate=known)
    if "name" not in source.data:
        found += _stem_problem(inherited.path)
    if document and not found and (reason := size_problem(document)):
        found.append((("stages",), reason))
    # A value that YAML could not give is told once; stages may be in what could not be read.
    told = {(problem.loc, problem.place) for problem in source.problems}
    problems = source.problems + [
        Problem(source.place_of(loc), loc, message)
        for loc, message in found
        if (loc, source.place_of(loc)) not in told and (inherited.whole or loc != ("stages",))
    ]
    if problems or document is None:
        files = [shown(path) for path in (inherited.path, *inherited.parents)]
        raise ProfileError(_sentences(problems, files))
    return document


def _stem_problem(path: Path) -> list[tuple[Loc, str]]:
    try:
        read_name(path.stem)
    except InputError as error:
        return [((), f"{error}; rename the file or write for example name: my-profile")]
    return []


def _sentences(problems: Sequence[Problem], files: Sequence[str]) -> list[str]:
    """One sentence each, in the order of files and lines, of a bounded number."""
    ordered = sorted(problems, key=lambda p: (files.index(p.place.file), p.place.line))
    lines = list(dict.fromkeys(str(problem) for problem in ordered))
    if len(lines) > _MOST_PROBLEMS:
        more = len(lines) - _MOST_PROBLEMS
        lines = [*lines[:_MOST_PROBLEMS], f"{files[0]}: and {more:,} more problems"]
    return lines


def _resolve(
    document: Document,
    inherited: Inherited,
    base_rate_per_s: float | None,
    time_scale: float,
) -> Profile:
    source = inherited.source
    scale = _scale(document, inherited, base_rate_per_s)
    legs = tuple(_named(_windowed(list(unroll(document.stages, scale)))))
    is_open = document.model == OPEN
    reason = load_problem(legs, scale.unit, None if is_open else document.pace)
    if reason:
        raise ProfileError([str(Problem(source.place_of(("stages",)), ("stages",), reason))])
    return Profile(
        name=document.name or inherited.path.stem,
        path=inherited.path,
        extends=inherited.parents,
        description=document.description or "",
        model=document.model,
        load_unit=scale.unit,
        base_rate_per_s=scale.base_rate_per_s,
        pace_per_s=document.pace,
        arrivals=document.arrivals,
        users=document.users or _default_users(legs),
        drop_after_s=document.drop_after,
        time_scale=time_scale,
        stages=tuple(document.stages),
        legs=legs,
        budgets=tuple(dict.fromkeys(document.budgets)),
        targets=tuple(dict.fromkeys(document.targets)),
        sampling=SamplingPlan(
            document.sampling.interval,
            document.sampling.uss_every,
            document.sampling.disk_reserve,
        ),
        seed=document.seed,
        written=tuple(source.data["stages"]),
    )


def _default_users(legs: Sequence[Leg]) -> int:
    """So many that the load can be had up to a mean service time of a second.

    More than a thousand at once is a decision of its own, which a profile states.
    """
    peak = max(max(leg.from_level, leg.to_level) for leg in legs)
    return min(max(math.ceil(peak), _FEWEST_USERS), _MOST_DEFAULT_USERS)


def _scale(document: Document, inherited: Inherited, base_rate_per_s: float | None) -> Scale:
    """The unit of the levels and what 100 % is; raises where a base rate would change nothing."""
    families = {level.family for _, level in levels_in(inherited.source.data)}
    if base_rate_per_s is not None and "share" not in families:
        raise InputError(
            f"{shown(inherited.path)} has no level in % of a base rate, so a base rate of "
            f"{base_rate_per_s:g}/s would change nothing; leave it away"
        )
    if "share" in families:
        return Scale(ITERATIONS, base_rate_per_s or document.base_rate)
    return Scale(USERS if "users" in families else ITERATIONS, None)


def _windowed(legs: Sequence[Leg]) -> list[Leg]:
    """Each leg with a window: what the profile says, or else what its place suggests.

    Ramps before anything else warm up, a last ramp to 0 cools down, the rest is steady.
    """
    first = next((at for at, leg in enumerate(legs) if leg.kind != "ramp"), len(legs))
    last = legs[-1]
    cool_down = len(legs) - 1 if last.kind == "ramp" and last.to_level == 0 else len(legs)

    def window(at: int) -> str:
        return "cool-down" if at == cool_down else "warm-up" if at < first else "steady"

    return [
        dataclasses.replace(leg, window=leg.window or window(at)) for at, leg in enumerate(legs)
    ]


def _named(legs: Sequence[Leg]) -> list[Leg]:
    """Legs of one name are numbered, so that a record can tell them apart."""
    uses = Counter(leg.name for leg in legs)
    seen: Counter[str] = Counter()
    named = []
    for leg in legs:
        seen[leg.name] += 1
        name = f"{leg.name} #{seen[leg.name]}" if uses[leg.name] > 1 else leg.name
        named.append(dataclasses.replace(leg, name=name))
    return named
