"""The pipeline with one step left out at a time, to measure what each buys."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np

from reli_analysis.trends import clocks, floors, leak, noise, prepared, rules, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli_analysis.trends.observed import Observed


def _known_only(observed: Observed) -> Observed:
    return observed.where(np.isfinite(observed.values))


def _without(*instead: tuple[Any, str, Any]) -> Callable[[], ExitStack]:
    """A context in which each (module, name) is something else."""

    def left_out() -> ExitStack:
        stack = ExitStack()
        for module, name, other in instead:
            stack.enter_context(patch.object(module, name, other))
        return stack

    return left_out


LEFT_OUT: dict[str, Callable[[], ExitStack]] = {
    "nothing": _without(),
    "failed reads and outliers dropped": _without((leak, "cleaned", _known_only)),
    "the lower half of a bucket (its mean instead)": _without(
        (floors, "_lower_half", lambda values: float(values.mean()))
    ),
    "sawtooth": _without((floors, "find_sawtooth", lambda _times, _values: None)),
    "faults left out": _without(
        (floors, "_touch_fault", lambda times, _width, _faults: np.zeros(len(times), dtype=bool))
    ),
    "pulses": _without(
        (prepared, "outside_pulses", lambda levels: np.ones(len(levels), dtype=bool))
    ),
    "level shifts": _without((prepared, "find_shifts", lambda _levels: ())),
    "the load beside growth": _without(
        (prepared, "_others", lambda kept: np.empty((len(kept), 0)))
    ),
    "rhythm of unknown cause": _without((prepared, "find_cycle", lambda _times, _levels: None)),
    "resolution of a counter": _without((prepared, "resolution", lambda _observed, _levels: 0.0)),
    "noise with memory (white instead)": _without((noise, "_LAWS", (np.array([0]), np.array([0])))),
    "window after the warm-up": _without((window, "LEFT_OUT", (0.0,))),
    "rest of a warm-up in the window": _without(
        (
            clocks,
            "averaged_slope",
            lambda part, laws, clock, **_also: laws.fit(part.design(clock), part.floors.levels),
        )
    ),
    "clocks of requests and faults": _without((clocks, "other_clocks", lambda _observed, _at: [])),
    "doubling container": _without((rules, "doubles", lambda _floors: False)),
    "settling": _without((rules, "settles", lambda *_any: False)),
    "still under way in the last third": _without((rules, "_tail", lambda _window: None)),
    "creeping in a late window": _without((rules, "_creeps", lambda *_any: False)),
    "growth since an onset": _without((window, "speeds_up_once", lambda *_any: False)),
    "growth in steps": _without((rules, "climbs_in_steps", lambda _floors: False)),
    "last life by itself": _without((leak, "last_life", lambda *_any: None)),
}
"""What is left out, and how."""
