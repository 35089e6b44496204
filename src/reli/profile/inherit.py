"""Puts a profile over the one that it extends, keeping the place of every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.profile.find import find_profile, shown
from reli.profile.source import Source, read_source
from reli_analysis.errors import InputError, ReliError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Inherited:
    """A file's content put over what it extends; ``whole`` is false where that is not known."""

    path: Path
    source: Source
    parents: tuple[Path, ...]
    whole: bool


def inherit(path: Path, near: Sequence[Path], chain: tuple[Path, ...] = ()) -> Inherited:
    """Read a file and what it extends; ``chain`` are the files that led to it.

    Raises ``ProfileError`` when the file itself cannot be read; trouble with what it extends is
    one of its source's problems.
    """
    source = read_source(path, shown(path))
    extends = source.data.get("extends")
    if not isinstance(extends, str):
        return Inherited(path, source, (), whole=extends is None)
    try:
        parent_path = find_profile(extends, near, beside=path)
        _check_chain(parent_path, (*chain, path))
        parent = inherit(parent_path, near, (*chain, path))
    except ReliError as error:
        source.report(("extends",), str(error))
        return Inherited(path, source, (), whole=False)
    merged = _merge(source, parent.source)
    return Inherited(path, merged, (parent_path, *parent.parents), parent.whole)


def _check_chain(parent: Path, chain: Sequence[Path]) -> None:
    if parent.resolve() in {path.resolve() for path in chain}:
        steps = " -> ".join(shown(path) for path in (*chain, parent))
        raise InputError(f"profiles extend each other in a circle: {steps}")
    if len(chain) >= _LONGEST_CHAIN:
        raise InputError(f"more than {_LONGEST_CHAIN} profiles extend one another")


def _merge(own: Source, parent: Source) -> Source:
    """The parent's keys with the file's own in their place; budgets are added, names are not taken."""
    taken = {key: value for key, value in parent.data.items() if key not in ("name", "extends")}
    data = {**taken, **own.data}
    before, added = taken.get("budgets"), own.data.get("budgets")
    shift, replaced = 0, set(own.data)
    if isinstance(before, list) and isinstance(added, list):
        data["budgets"] = before + added
        shift = len(before)
        replaced.remove("budgets")
    inherited = set(taken) - replaced
    places = {loc: at for loc, at in parent.places.items() if loc and loc[0] in inherited}
    for loc, at in own.places.items():
        match loc:
            case ("budgets", int(position), *rest):
                places["budgets", position + shift, *rest] = at
            case _:
                places[loc] = at
    return Source(data, places, own.problems + parent.problems)
