"""The samples of a column or metric that a budget speaks of, and whether they are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.enough import requests_for_quantile
from reli_analysis.budgets.lookup import in_window, series_of, spans_of
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import STEADY, clock_s, length_s, part
from reli_analysis.targets import never_there
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run, Series

FEWEST = requests_for_quantile(0.5)
"""Five: with fewer, a limit that is passed in half of the time may be kept by all, 1 time in 20."""

LONGEST_SILENCE = 0.2
"""The share of the window that may pass without a sample: what was not watched may be worse."""


def steady_samples(budget: Budget, run: Run, *, drain: bool = False) -> Series:
    """The measured values of the window under load, on request also those of its drain.

    Raises ``Undecided`` when there is none.
    """
    window = budget.judged_window
    samples = part(series_of(run, budget.metric), spans_of(run, window, under_load=not drain))
    if not len(samples):
        raise Undecided(
            f"{budget.metric} was never measured in the {window} window{_why(run)}",
            advice=f"Let {budget.metric} be sampled or published in the {window} window.",
        )
    return samples


def _why(run: Run) -> str:
    """What is known of why there is nothing: targets that were never there."""
    missing = never_there(run)
    if not missing:
        return ""
    return f": {', '.join(missing)} {'was' if len(missing) == 1 else 'were'} never there"


def check_watched(
    samples: Series, run: Run, window: str = STEADY, *, observed: float | None = None
) -> None:
    """Raise ``Undecided`` when the samples are few, or leave too much of the window unseen."""
    spans = spans_of(run, window, under_load=True)
    samples = part(samples, spans)
    moments = clock_s(samples.elapsed_s, spans)
    whole = length_s(spans)
    silences = np.diff(np.concatenate(([0.0], moments, [whole])))
    if len(samples) < FEWEST or silences.max() > LONGEST_SILENCE * whole + run.interval_s:
        raise Undecided(
            f"{samples.name} was measured {len(samples):,} times in {in_window(window, spans)}, "
            f"with up to {format_duration(float(silences.max()))} in between; that is too rare",
            observed=observed,
            evidence={"samples": len(samples), "samples_needed": FEWEST},
            advice=f"Run longer, or sample {samples.name} more often.",
        )


def last_of_run(budget: Budget, run: Run) -> Series:
    """All measured values of the run; raises ``Undecided`` when they end long before it does."""
    samples = series_of(run, budget.metric).measured()
    if not len(samples):
        raise Undecided(
            f"{budget.metric} was never measured{_why(run)}",
            advice=f"Let {budget.metric} be sampled or published.",
        )
    silence_s = run.duration_s - float(samples.elapsed_s[-1])
    if silence_s > LONGEST_SILENCE * run.duration_s + run.interval_s:
        raise Undecided(
            f"{budget.metric} was last measured {format_duration(silence_s)} before the run's end",
            evidence={"samples": len(samples)},
        )
    return samples
