"""What moves beside a quantity: the planned load, a rhythm, the generator's lag, the host's load."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.drift.changes import CELLS, Levels, levels_of
from reli_analysis.drift.rhythm import Rhythm, find_rhythm
from reli_analysis.selection import load_spans, part
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drift.answer import Answer
    from reli_analysis.drift.quantity import Quantity
    from reli_analysis.series import Run

_PLANNED = ("offered_per_s", "users")
_VARIES = 0.1
_MOST_LOADS = 8
_FEWEST_CELLS = 36
_FEWEST_CYCLES = 12
_LAGS = ("loop_lag_ms", "start_delay_p95_ms")
_HOST = "host_cpu_ratio"
_HALF = 0.5
_HOST_ROSE = 0.1


@dataclass(frozen=True)
class Prepared:
    """Levels whose cells fit the rhythm, with columns for it and for the planned load."""

    levels: Levels
    rhythm: Rhythm | None
    loads: int


def prepare(found: Quantity, run: Run) -> Prepared:
    """Cells of whole periods where a run has 12 of them; else a level for each phase of the period."""
    source = found.source
    rhythm = find_rhythm(source)
    length_s = source.end_s - source.start_s
    cells = min(found.cells, CELLS)
    if rhythm is not None and length_s / rhythm.period_s >= _FEWEST_CYCLES:
        levels = levels_of(source, _whole_periods(length_s, rhythm.period_s, cells))
    else:
        levels = levels_of(source, cells)
        if rhythm is not None:
            levels = replace(levels, others=_phases(levels, rhythm.period_s))
    loads = _loads(levels, run)
    if loads is not None:
        levels = replace(levels, others=np.column_stack([levels.others, loads]))
    return Prepared(levels, rhythm, 0 if loads is None else loads.shape[1] + 1)


def _whole_periods(length_s: float, period_s: float, cells: int) -> int:
    periods = max(1, int(np.ceil(length_s / period_s / cells)))
    return max(1, int(length_s / (periods * period_s)))


def _phases(levels: Levels, period_s: float) -> NDArray[np.float64]:
    """A column for each phase of the period but the first, as many as a period has cells."""
    count = max(1, int(period_s / levels.width_s + 1e-6))
    middle_s = levels.elapsed_s + levels.width_s / 2
    phase = (middle_s / period_s % 1 * count).astype(int)
    kinds = np.unique(phase)
    return np.asarray((phase[:, None] == kinds[None, 1:]).astype(float))


def _loads(levels: Levels, run: Run) -> NDArray[np.float64] | None:
    """Columns that give each planned load a level of its own, or follow one that keeps changing.

    ``None`` while the load is planned to be the same throughout. What the plan asked for is no
    consequence of the target, as the rate that it answered would be.
    """
    for name in _PLANNED:
        load = _beside(levels, run, name)
        if load is None:
            continue
        if load.std() <= _VARIES * load.mean():
            continue
        rounded = np.round(load / (_VARIES * load.mean()))
        kinds = np.unique(rounded)
        if len(kinds) > _MOST_LOADS:
            return np.asarray((load / load.mean() - 1.0)[:, None])
        return np.asarray((rounded[:, None] == kinds[None, 1:]).astype(float))
    return None


def _beside(levels: Levels, run: Run, name: str) -> NDArray[np.float64] | None:
    """A column of the run at the same cells; ``None`` unless it is known in every one."""
    if name not in run.series:
        return None
    samples = part(run.series[name], load_spans(run))
    if not len(samples):
        return None
    places = np.searchsorted(samples.elapsed_s, levels.elapsed_s - run.interval_s / 4)
    ends = np.searchsorted(
        samples.elapsed_s, levels.elapsed_s + levels.width_s - run.interval_s / 4
    )
    if (ends <= places).any():
        return None
    return np.array([float(samples.values[a:b].mean()) for a, b in zip(places, ends, strict=True)])


def generator_rose(found: Answer, levels: Levels, run: Run) -> str:
    """Says so when the generator's own lag rose by half as much as the latency did, or more."""
    for name in _LAGS:
        lag = _beside(levels, run, name)
        if lag is None:
            continue
        first, last = _ends(lag)
        if found.change > 0 and last - first > _HALF * found.change:
            rise = f"from {format_value(first, 'ms')} to {format_value(last, 'ms')}"
            return f"the generator's own {name} rose {rise} meanwhile"
    return ""


def host_rose(levels: Levels, run: Run) -> str:
    """Says so when the host of the target became busier; it may be a cause, or the same one's work."""
    busy = _beside(levels, run, _HOST)
    if busy is None:
        return ""
    first, last = _ends(busy)
    if last - first < _HOST_ROSE:
        return ""
    rise = f"from {format_value(first, 'ratio')} to {format_value(last, 'ratio')}"
    return f"the host's CPU rose {rise} meanwhile"


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    edge = max(1, len(values) // 8)
    return float(np.median(values[:edge])), float(np.median(values[-edge:]))
