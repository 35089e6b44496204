"""``growth rss < 50MiB``: the level at the end of the steady window against its beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets.edges import edges
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.lookup import spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.samples import check_watched, steady_samples
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.intervals import LEVEL
from reli_analysis.trends.lives import longest_life
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from reli_analysis.budgets.edges import Edges
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

FEWEST = 20


def evaluate(budget: Budget, run: Run) -> Finding:
    """Median of the last tenth of the samples minus that of the first tenth, within one life.

    Past its last limit it is broken: that is what this run did. It passes only with its interval.
    """
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
    found = edges(samples)
    first, last, low, high = (
        format_value(value, budget.unit)
        for value in (found.first, found.last, found.low, found.high)
    )
    basis = (
        f"from {first} to {last} in {format_duration(life.length_s)}, 95 % interval {low} to {high}"
    )
    evidence = {
        "first": found.first,
        "last": found.last,
        "interval": [found.low, found.high],
        "interval_level": LEVEL,
        "samples": len(samples),
        "lives": life.lives,
    }
    if life.lives > 1:
        basis += f", the longest of {life.lives} lives: the target restarted"
    if _is_open(budget, found):
        raise Undecided(
            f"{format_value(found.growth, budget.unit)} keeps "
            f"{budget.limit_text(budget.last_limit)}, with too little data to be sure of it ({basis})",
            observed=found.growth,
            evidence=evidence,
            advice=f"Run longer, so that the noise of {budget.metric} is small beside its growth.",
        )
    advice = f"Find what makes {budget.metric} grow: compare the target at both ends of the window."
    return judged(budget, found.growth, basis, evidence, advice)


def _is_open(budget: Budget, found: Edges) -> bool:
    """Whether the last limit is kept, yet not by all of the interval."""
    kept = [budget.keeps(v, budget.last_limit) for v in (found.growth, found.low, found.high)]
    return kept[0] and not all(kept)


EVALUATORS.register("growth NAME", evaluate)
