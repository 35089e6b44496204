"""Where a level changed for good, between which runs, and what else changed there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli_analysis.drift import change_points
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from reli_analysis.history.entry import Entry

_FEWEST = 2
_NOT_SETUP = {"path", "budgets", "description"}
_MACHINE = ("name", "cores", "memory_bytes", "kernel")
_MOST_NAMED = 4


@dataclass(frozen=True)
class Step:
    """A change of level with the run ``at`` (95 % interval ``low`` to ``high``), on the scale.

    ``because`` names what differs between that run and the one before.
    """

    at: int
    low: int
    high: int
    before: float
    after: float
    because: str


def steps_of(
    indexes: NDArray[np.float64], values: NDArray[np.float64], entries: Sequence[Entry]
) -> list[Step]:
    """The change points of values over run indexes (both without NaN)."""
    found = []
    for point in change_points(indexes, values, fewest=_FEWEST, independent=True):
        at = round(point.at_s)
        before = indexes[indexes < at]
        because = differences(entries[int(before[-1])], entries[at]) if len(before) else ()
        found.append(
            Step(
                at,
                round(point.low_s),
                round(point.high_s),
                point.before,
                point.after,
                ", ".join(because),
            )
        )
    return found


def setup(entry: Entry) -> dict[str, Any]:
    """What a run was of: two runs with the same setup ran the same thing on the same machine."""
    info = entry.info
    profile = {f"profile: {k}": v for k, v in info.profile.items() if k not in _NOT_SETUP}
    host = {f"host {key}": info.host.get(key) for key in _MACHINE}
    versions = dict(info.versions)
    return {**versions, **host, **profile, "targets": list(info.targets)}


def differences(before: Entry, after: Entry) -> tuple[str, ...]:
    """What differs in the setup of two runs, in a few words each."""
    one, two = setup(before), setup(after)
    apart = [key for key in sorted({*one, *two}) if one.get(key) != two.get(key)]
    said = [f"{key} {_short(one.get(key))} → {_short(two.get(key))}" for key in apart[:_MOST_NAMED]]
    more = len(apart) - len(said)
    return tuple([*said, f"and {more} more"] if more else said)


def _short(value: Any) -> str:
    return "none" if value is None else shorten(one_line(str(value)), 30)
