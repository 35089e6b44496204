"""``max rss < 512MiB``, ``mean cpu < 0.8``, ``min users >= 10`` and ``last queue_size <= 0``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.samples import check_watched, last_of_run, steady_samples
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def extreme(budget: Budget, run: Run, *, largest: bool) -> Finding:
    """The largest or smallest steady value; one that breaks the limit needs no others.

    The largest may lie in the drain, where what the load left behind is worked off; the smallest may
    not, because there the load is over.
    """
    samples = steady_samples(budget, run, drain=largest)
    at = int(samples.values.argmax() if largest else samples.values.argmin())
    observed, moment = float(samples.values[at]), float(samples.elapsed_s[at])
    broken = not budget.keeps(observed, budget.last_limit)
    if not (broken and largest == budget.wants_less):
        check_watched(samples, run)
    evidence = {"samples": len(samples), "at_s": moment}
    basis = f"{len(samples):,} samples, at {format_duration(moment)}"
    return judged(budget, observed, basis, evidence)


def mean(budget: Budget, run: Run) -> Finding:
    samples = steady_samples(budget, run)
    check_watched(samples, run)
    basis = f"{len(samples):,} samples"
    return judged(budget, float(samples.values.mean()), basis, {"samples": len(samples)})


def last(budget: Budget, run: Run) -> Finding:
    samples = last_of_run(budget, run)
    moment = float(samples.elapsed_s[-1])
    basis = f"its last value, at {format_duration(moment)}"
    return judged(budget, float(samples.values[-1]), basis, {"at_s": moment})


EVALUATORS.register("max NAME", lambda budget, run: extreme(budget, run, largest=True))
EVALUATORS.register("min NAME", lambda budget, run: extreme(budget, run, largest=False))
EVALUATORS.register("mean NAME", mean)
EVALUATORS.register("last NAME", last)
