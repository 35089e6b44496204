"""``growth rss < 50MiB``: the level at the end of the steady window against its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.lookup import spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.samples import check_watched, steady_samples
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.trends import longest_life
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

FEWEST = 20
_EDGE = 0.1
_FEWEST_AT_EDGE = 3


def evaluate(budget: Budget, run: Run) -> Finding:
    """Median of the last tenth of the samples minus that of the first tenth, within one life."""
    spans_of(run)
    samples = steady_samples(budget, run)
    check_watched(samples, run)
    life = longest_life(run)
    assert life is not None
    samples = samples.between(life.start_s, life.end_s)
    if len(samples) < FEWEST:
        raise Undecided(
            f"only {len(samples)} samples; growth needs at least {FEWEST}",
            evidence={"samples": len(samples), "samples_needed": FEWEST},
            advice=f"Run longer, or sample {budget.metric} more often.",
        )
    edge = max(_FEWEST_AT_EDGE, round(_EDGE * len(samples)))
    first = float(np.median(samples.values[:edge]))
    last = float(np.median(samples.values[-edge:]))
    basis = (
        f"from {format_value(first, budget.unit)} to {format_value(last, budget.unit)} "
        f"in {format_duration(life.length_s)}"
    )
    evidence = {"first": first, "last": last, "samples": len(samples), "lives": life.lives}
    if life.lives > 1:
        basis += f", the longest of {life.lives} lives: the target restarted"
    advice = f"Find what makes {budget.metric} grow: compare the target at both ends of the window."
    return judged(budget, last - first, basis, evidence, advice)


EVALUATORS.register("growth NAME", evaluate)
