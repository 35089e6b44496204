"""``drop_ratio < 0.1%``: a column or metric by its name alone, judged by what kind it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.functions.level import extreme
from reli_analysis.budgets.lookup import judged_part, metric_of, series_of, spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.samples import last_of_run
from reli_analysis.budgets.sliding import WindowValues, judge_windows, windows
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import inside
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.budgets.model import Budget
    from reli_analysis.record import MetricSpec
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def evaluate(budget: Budget, run: Run) -> Finding:
    """A gauge's worst steady value, a counter's increase, a ratio at the end of the whole run."""
    spec = metric_of(run, budget.metric)
    kind = spec.kind if spec else "gauge"
    if budget.over_s is not None:
        return _every_window(budget, run, spec, budget.over_s)
    if kind == "counter":
        return _increase(budget, run)
    if kind == "ratio" and spec is not None:
        return _ratio(budget, run, spec) if budget.window is None else _part(budget, run, spec)
    return extreme(budget, run, largest=budget.wants_less)


def increments(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each value adds to a counter that began at 0; after a restart it begins there again."""
    steps = np.diff(values, prepend=0.0)
    return np.where(steps < 0, values, steps)


def _increase(budget: Budget, run: Run) -> Finding:
    samples = last_of_run(budget, run)
    steps = increments(samples.values)
    basis = "increase over the run"
    if budget.window is not None:
        steps = steps[inside(samples.elapsed_s, spans_of(run, budget.window))]
        basis = f"increase in the {budget.window} window"
    return judged(budget, float(steps.sum()), basis, {"samples": len(samples)})


def _part(budget: Budget, run: Run, spec: MetricSpec) -> Finding:
    """A ratio of what both counters gained in the window that the budget names."""
    spans = spans_of(run, budget.judged_window)
    last_of_run(budget, run)
    hits, all_of = (
        float(_steps(series.values)[inside(series.elapsed_s, spans)].sum())
        for series in (series_of(run, name) for name in (spec.numerator, spec.denominator))
    )
    if all_of <= 0:
        raise Undecided(f"{spec.denominator} did not grow in the {budget.judged_window} window")
    basis = f"{hits:,.0f} {spec.numerator} of {all_of:,.0f} {spec.denominator}"
    evidence = {spec.numerator: hits, spec.denominator: all_of, **judged_part(budget, run)}
    return judged(budget, hits / all_of, basis, evidence)


def _ratio(budget: Budget, run: Run, spec: MetricSpec) -> Finding:
    """The last value, after everything in flight has settled.

    It is an account of this run, counted whole, and not a sample of anything; so it needs no
    smallest number of events.
    """
    samples = last_of_run(budget, run)
    moment = float(samples.elapsed_s[-1])
    basis = f"at the run's end, {format_duration(moment)}"
    evidence: dict[str, float] = {"at_s": moment}
    for name in (spec.numerator, spec.denominator):
        counted = run.series[name].measured() if name in run.series else None
        if counted is not None and len(counted):
            evidence[name] = float(counted.values[-1])
    if spec.numerator in evidence and spec.denominator in evidence:
        hits, of_all = evidence[spec.numerator], evidence[spec.denominator]
        basis = f"{hits:,.0f} {spec.numerator} of {of_all:,.0f} {spec.denominator}"
    return judged(budget, float(samples.values[-1]), basis, evidence)


def _every_window(budget: Budget, run: Run, spec: MetricSpec | None, over_s: float) -> Finding:
    """A gauge's mean, a counter's increase or a ratio of increases in every window."""
    series = series_of(run, budget.metric)
    spans = spans_of(run, budget.judged_window, under_load=True)
    every = windows(series.elapsed_s, spans, over_s, run.interval_s)
    measured = every.sums(np.isfinite(series.values).astype(np.float64))
    enough = measured * run.interval_s >= over_s / 2
    if spec is not None and spec.kind == "ratio":
        hits, all_of = (
            every.sums(_steps(series_of(run, name).values))
            for name in (spec.numerator, spec.denominator)
        )
        enough &= all_of > 0
        values = hits / np.where(enough, all_of, np.nan)
    elif spec is not None and spec.kind == "counter":
        values = every.sums(_steps(series.values))
    else:
        values = every.sums(series.values) / np.where(enough, measured, np.nan)
    of_windows = WindowValues(every.start_s, values, enough)
    return judge_windows(budget, run, of_windows, "")


def _steps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Increments of a counter by row, 0 where it was not measured."""
    steps = np.zeros(len(values))
    known = np.isfinite(values)
    steps[known] = increments(values[known])
    return steps


EVALUATORS.register("NAME", evaluate)
