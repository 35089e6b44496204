"""``max rss < 512MiB``, ``mean cpu < 0.8``, ``min users >= 10`` and ``last queue_size <= 0``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.enough import ALPHA
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import mean_interval, per_block
from reli_analysis.budgets.lookup import judged_part, spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.samples import FEWEST, check_watched, last_of_run, steady_samples
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import BLOCKS, block_of
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def extreme(budget: Budget, run: Run, *, largest: bool) -> Finding:
    """The largest or smallest value of the window; one that breaks the limit needs no others.

    The largest may lie in the drain, where what the load left behind is worked off; the smallest may
    not, because there the load is over. Between samples it may have been passed: n independent
    samples that all keep it leave at most 1 - ALPHA ** (1 / n) of the time for that, 19 times in 20.
    """
    samples = steady_samples(budget, run, drain=largest)
    at = int(samples.values.argmax() if largest else samples.values.argmin())
    observed, moment = float(samples.values[at]), float(samples.elapsed_s[at])
    broken = not budget.keeps(observed, budget.last_limit)
    if not (broken and largest == budget.wants_less):
        check_watched(samples, run, budget.judged_window, observed=observed)
    evidence = {
        "samples": len(samples),
        "at_s": moment,
        "beyond_at_most": 1 - ALPHA ** (1 / len(samples)),
        **judged_part(budget, run, under_load=not largest),
    }
    basis = f"{len(samples):,} samples, at {format_duration(moment)}"
    return judged(budget, observed, basis, evidence)


def mean(budget: Budget, run: Run) -> Finding:
    """The mean of the samples; its interval is that of batch means over stretches of time."""
    samples = steady_samples(budget, run)
    observed, window = float(samples.values.mean()), budget.judged_window
    check_watched(samples, run, window, observed=observed)
    blocks = block_of(samples.elapsed_s, spans_of(run, window, under_load=True))
    interval = mean_interval(
        per_block(blocks, samples.values, BLOCKS),
        per_block(blocks, np.ones(len(samples)), BLOCKS),
    )
    evidence = {"samples": len(samples), **judged_part(budget, run, under_load=True)}
    basis = f"{len(samples):,} samples"
    return judged(budget, observed, basis, evidence, interval=interval)


def last(budget: Budget, run: Run) -> Finding:
    """The last value; a file of a handful of rows is no run that could have settled."""
    samples = last_of_run(budget, run)
    if len(samples) < FEWEST:
        raise Undecided(
            f"only {len(samples)} samples; at least {FEWEST} are needed",
            observed=float(samples.values[-1]),
            evidence={"samples": len(samples), "samples_needed": FEWEST},
            advice=f"Run longer, or sample {budget.metric} more often.",
        )
    moment = float(samples.elapsed_s[-1])
    basis = f"its last value, at {format_duration(moment)}"
    return judged(budget, float(samples.values[-1]), basis, {"at_s": moment})


EVALUATORS.register("max NAME", lambda budget, run: extreme(budget, run, largest=True))
EVALUATORS.register("min NAME", lambda budget, run: extreme(budget, run, largest=False))
EVALUATORS.register("mean NAME", mean)
EVALUATORS.register("last NAME", last)
