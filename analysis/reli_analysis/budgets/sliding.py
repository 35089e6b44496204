"""Every sliding window of a budget that says ``over``: sums and the judgement of the worst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.lookup import judged_part
from reli_analysis.budgets.model import COMPARISONS
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import TIME_TOLERANCE_S, length_s, load_spans
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


MOST_WINDOWS = 10_000_000
"""Four months of seconds; more comes of a damaged time."""


@dataclass(frozen=True)
class Windows:
    """Windows that lie whole in one span; rows ``low`` to ``high`` (left out) begin in each."""

    start_s: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of each window's values; NaN counts as nothing."""
        up_to = np.concatenate(([0.0], np.cumsum(np.nan_to_num(values))))
        return np.asarray(up_to[self.high] - up_to[self.low])


@dataclass(frozen=True)
class WindowValues:
    """What was measured in each window, and whether it is enough to judge; of one length.

    ``interval`` gives that of one window's value, by its place.
    """

    start_s: NDArray[np.float64]
    values: NDArray[np.float64]
    enough: NDArray[np.bool_]
    interval: Callable[[int], Interval | None] = lambda _at: None


def window_starts(spans: Spans, over_s: float, interval_s: float) -> NDArray[np.float64]:
    """A window from every interval on, as long as it ends in the same span.

    Raises ``Undecided`` when no window of that length can be seen, or far too many.
    """
    if over_s < interval_s - TIME_TOLERANCE_S:
        raise Undecided(
            f"windows of {format_duration(over_s)} are shorter than the intervals of "
            f"{format_duration(interval_s)} that were recorded",
            advice=f"Ask for windows of at least {format_duration(interval_s)}.",
        )
    longest = max(end - start for start, end in spans)
    if longest + TIME_TOLERANCE_S < over_s:
        raise Undecided(
            f"no judged stretch is {format_duration(over_s)} long; the longest is "
            f"{format_duration(longest)} of {format_duration(length_s(spans))}",
            advice=f"Let a stage of the window last at least {format_duration(over_s)}.",
        )
    if length_s(spans) / interval_s > MOST_WINDOWS:
        raise Undecided(
            f"{format_duration(length_s(spans))} in intervals of {format_duration(interval_s)} "
            "are more than can be judged window by window; is a time in the input wrong?"
        )
    starts = [np.arange(a, b - over_s + TIME_TOLERANCE_S, interval_s) for a, b in spans]
    return np.concatenate(starts)


def windows(
    elapsed_s: NDArray[np.float64], spans: Spans, over_s: float, interval_s: float
) -> Windows:
    """The windows over rows that begin at ``elapsed_s`` (ascending)."""
    starts = window_starts(spans, over_s, interval_s)
    low = np.searchsorted(elapsed_s, starts - TIME_TOLERANCE_S)
    high = np.searchsorted(elapsed_s, starts + over_s - TIME_TOLERANCE_S)
    return Windows(starts, low, high)


def judge_windows(budget: Budget, run: Run, measured: WindowValues, advice: str) -> Finding:
    """FAIL when a window with enough data breaks the limit; INCONCLUSIVE when one has too little.

    Raises ``Undecided`` for the latter: what is asked of every window must be seen in every one. A
    window that reaches into the drain counts when it holds enough, and is left out otherwise: where
    the load was over, little data is no lack of it.
    """
    assert budget.over_s is not None
    spans = load_spans(run, budget.judged_window)
    load_end_s = max((end for _start, end in spans), default=0.0)
    within = measured.start_s + budget.over_s <= load_end_s + TIME_TOLERANCE_S
    counts = measured.enough | within
    start_s, values = measured.start_s[counts], measured.values[counts]
    enough = measured.enough[counts]
    if not len(enough):
        raise Undecided(f"no window of {format_duration(budget.over_s)} lies within the load")
    keeps = COMPARISONS[budget.comparison]
    lowest, highest = budget.equal_to(budget.last_limit)
    told_apart = (values < lowest) | (values > highest)
    compared = np.where(enough & told_apart, values, budget.last_limit)
    broken = enough & ~keeps(compared, budget.last_limit)
    if not broken.any() and not enough.all():
        first = float(start_s[~enough][0])
        raise Undecided(
            f"{int((~enough).sum()):,} of {len(enough):,} windows of "
            f"{format_duration(budget.over_s)} hold too little data, "
            f"the first at {format_duration(first)}",
            evidence={"windows": len(enough), "windows_with_too_little": int((~enough).sum())},
            advice="Ask for longer windows, or send more load.",
        )
    considered = np.where(broken if broken.any() else enough, values, np.nan)
    worst = int(np.nanargmax(considered) if budget.wants_less else np.nanargmin(considered))
    at = float(start_s[worst])
    interval = measured.interval(int(np.flatnonzero(counts)[worst]))
    return judged(
        budget,
        float(values[worst]),
        f"worst of {len(enough):,} windows of {format_duration(budget.over_s)}, "
        f"from {format_duration(at)} on",
        {
            "windows": len(enough),
            "windows_broken": int(broken.sum()),
            "worst_window_s": [at, at + budget.over_s],
            "worst_s": [at, at + budget.over_s],
            **judged_part(budget, run),
        },
        advice,
        interval=interval,
    )
