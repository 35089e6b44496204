"""``no drift in p95``: did it change while the load went on, by how much, when, and what was near."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.budgets.vocabulary import NO_DRIFT
from reli_analysis.drift.answer import FEWEST_LEVELS, Drift, answer
from reli_analysis.drift.beside import generator_rose, host_rose, prepare
from reli_analysis.drift.quantity import Quantity, quantity
from reli_analysis.drift.telling import Told, evidence, message
from reli_analysis.units import format_duration
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

SHARE_OF_START = 0.1
"""A drift that matters changes the level by a tenth over the run, unless the budget says another."""

_LEAST = {"ratio": 0.001, "count": 1.0}
"""Shares begin at 0, and counts come whole: there a tenth of the start is no change to speak of."""

SHORTEST_S = 120.0
_LONGEST_SILENCE = 0.2

_VERDICTS = {
    Drift.DRIFT: Verdict.FAIL,
    Drift.NONE: Verdict.PASS,
    Drift.UNKNOWN: Verdict.INCONCLUSIVE,
}


def evaluate(budget: Budget, run: Run) -> Finding:
    """FAIL for drift, PASS for none above X, else INCONCLUSIVE; each with what it rests on."""
    found = quantity(budget, run)
    ready = prepare(found, run)
    levels = ready.levels
    _check_enough(found, len(levels), levels.end_s - found.source.start_s)
    says = answer(levels, found.source, found.worse, _threshold(budget, found.unit))
    if says.drift is Drift.NONE:
        _check_watched(found, levels.elapsed_s, levels.width_s)
    lag = generator_rose(says, levels, run) if found.latency else ""
    if says.drift is Drift.DRIFT and lag:
        needed = says.length_s
        says = replace(says, drift=Drift.UNKNOWN, why=lag, needed_s=needed)
    host = host_rose(levels, run) if says.drift is Drift.DRIFT else ""
    told = Told(found, ready, says, run, host)
    proof = evidence(told)
    advice = _advice(told, lag)
    if advice:
        proof[ADVICE] = advice
    return replace(
        finding(budget, _VERDICTS[says.drift], message(told), proof),
        observed=says.change if math.isfinite(says.change) else None,
        limit=says.threshold,
        unit=found.unit,
        warning=says.drift is Drift.NONE and says.passing,
    )


def _threshold(budget: Budget, unit: str) -> Callable[[float], float]:
    """X in the quantity's unit, from the level at the start; raises ``Undecided`` for a wrong unit."""
    if budget.limit <= 0:
        return lambda start: max(SHARE_OF_START * abs(start), _LEAST.get(unit, 0.0))
    if budget.unit == "ratio":
        # A share of something that is a share itself counts in points, as in error_ratio < 1%.
        return lambda start: budget.limit if unit == "ratio" else budget.limit * abs(start)
    if budget.unit != unit:
        raise Undecided(
            f"the budget says what matters in {budget.unit}, but {budget.metric} is in {unit}",
            advice=f"Write above 10%, or a quantity in {unit}.",
        )
    return lambda _start: budget.limit


def _check_enough(found: Quantity, levels: int, length_s: float) -> None:
    if levels >= FEWEST_LEVELS and length_s >= SHORTEST_S:
        return
    needed_s = max(SHORTEST_S, length_s * FEWEST_LEVELS / max(levels, 1))
    raise Undecided(
        f"{format_duration(length_s)} of steady load with {levels} levels of {found.name} are too "
        f"little to tell drift from noise",
        evidence={"levels": levels, "needed_s": needed_s},
        advice=f"Let the steady window last at least {format_duration(needed_s)}.",
    )


def _check_watched(found: Quantity, elapsed_s: np.ndarray, width_s: float) -> None:
    """Raise ``Undecided`` when a fifth of the time at a stretch, or the end, was not measured."""
    source = found.source
    borders = np.concatenate([[source.start_s - width_s], elapsed_s, [source.end_s]])
    silences = np.diff(borders) - width_s
    longest = float(silences.max())
    if longest > _LONGEST_SILENCE * (source.end_s - source.start_s):
        raise Undecided(
            f"{found.name} was not measured for {format_duration(longest)} of "
            f"{format_duration(source.end_s - source.start_s)}",
            advice=f"Measure {found.name} all through the steady window.",
        )


def _advice(told: Told, lag: str) -> str:
    says, name = told.says, told.found.name
    if lag and says.drift is Drift.UNKNOWN:
        return "Give the load generator more time (more processes, another host), and run again."
    if says.drift is Drift.UNKNOWN and says.needed_s is not None:
        longer = format_duration(says.needed_s)
        return f"Let the steady window last at least {longer} to judge the drift of {name}."
    if says.drift is Drift.DRIFT and says.shape.changes:
        return f"See what changed in the target when {name} did; the report marks the moment."
    if says.drift is Drift.DRIFT:
        return f"Find what fills up or wears in the target: {name} worsens under constant load."
    return ""


EVALUATORS.register(NO_DRIFT, evaluate)
