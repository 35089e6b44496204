"""Percentiles that another tool wrote of stretches of time: what they prove, and no more.

Of n requests whose percentile q is v at most n - ceil(q n) lie above v, and at most floor(q n) below
it (tools differ by one in how they count the rank; this holds for all). Tools round, so v is known
within bounds; and a window of "about ten seconds" holds a stretch and a little more, so n is the
number that makes each of the two the weakest (``Stretch.slow_among``, ``fast_among``).

One stretch for the whole run, as a cumulative percentile is, tells nothing of when requests were
slow: a tenth of the run may have been slow throughout. So it passes only what holds for every
tenth of the run's requests, however the slow ones lie.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.enough import requests_for_quantile
from reli_analysis.budgets.lookup import endpoints_of, spans_of
from reli_analysis.budgets.near import Tried, too_near
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.proof import surely_above, surely_below
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.latency import rank
from reli_analysis.selection import TIME_TOLERANCE_S
from reli_analysis.units import format_value
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run, Stretch
    from reli_analysis.verdict import Finding

HIDDEN = 0.1
"""The share of the run's requests that could be slow without its one percentile showing it."""

_BETTER = (
    "Analyse a log of requests (Locust's csv_request_logger) or a record of reli; of Locust's "
    "histories, one written with --csv-full-history says more."
)


def judge_stretches(budget: Budget, run: Run, quantile: float) -> Finding:
    """PASS or FAIL where the stretches prove it; raises ``Undecided`` otherwise."""
    if budget.over_s is not None:
        raise Undecided(
            "the input tells percentiles of its own stretches only, so no sliding window is known",
            advice=_BETTER,
        )
    stretches = _judged(budget, run)
    total = sum(stretch.requests for stretch in stretches)
    whole = _is_one_number(stretches)
    evidence: dict[str, Any] = {"requests": total, "stretches": len(stretches)}
    kept_last = _kept(budget, stretches, budget.last_limit, quantile, whole=whole)
    kept_first = _kept(budget, stretches, budget.limit, quantile, whole=whole)
    limit = budget.limit_text(budget.last_limit)
    told = (
        "one cumulative percentile" if whole else f"the percentiles of {len(stretches)} stretches"
    )
    at_least, at_most = _below(budget, stretches, budget.last_limit)
    evidence |= {"at_least_below": at_least, "at_most_below": at_most}
    _check_enough(budget, total, quantile, (at_least, at_most), kept=kept_last)
    if kept_last is None:
        raise Undecided(_why_not(budget, told, whole=whole), evidence=evidence, advice=_BETTER)
    if not kept_last:
        message = (
            f"{budget.label} breaks {limit}: at most {at_most:,} of {total:,} requests can have kept "
            f"it, as {told} prove{'s' if whole else ''}"
        )
        found = finding(budget, Verdict.FAIL, message, {**evidence, ADVICE: "Find what is slow."})
        return replace(found, limit=budget.last_limit)
    message = (
        f"{budget.label} keeps {budget.limit_text(budget.limit if kept_first else budget.last_limit)}:"
        f" at least {at_least:,} of {total:,} requests did, as {told} prove{'s' if whole else ''}"
    )
    if whole:
        message += (
            f"; so few others cannot break it in any {format_value(HIDDEN, 'ratio')} of the run"
        )
    found = finding(budget, Verdict.PASS, message, evidence)
    return replace(found, limit=budget.limit, warning=not kept_first)


def _judged(budget: Budget, run: Run) -> list[Stretch]:
    """The stretches of what the budget speaks of, within the judged window."""
    wanted = {""}
    if budget.endpoint is not None:
        names = {stretch.endpoint for stretch in run.stretches} - {""}
        wanted = set(endpoints_of(names, budget.endpoint))
    spans = spans_of(run, budget.judged_window)
    found = [
        stretch
        for stretch in run.stretches
        if stretch.endpoint in wanted
        and any(
            start - TIME_TOLERANCE_S <= stretch.start_s and stretch.end_s <= end + run.interval_s
            for start, end in spans
        )
    ]
    if not sum(stretch.requests for stretch in found):
        raise Undecided("the input tells no percentile of requests in the judged window")
    return found


def _is_one_number(stretches: Sequence[Stretch]) -> bool:
    """Whether all requests come as one stretch, of each endpoint."""
    return len({(stretch.start_s, stretch.end_s) for stretch in stretches}) == 1


def _below(budget: Budget, stretches: Sequence[Stretch], limit_ms: float) -> tuple[int, int]:
    """At least and at most how many requests lie below the limit (or at it)."""
    parts = [_bounds(one, limit_ms, or_equal="=" in budget.comparison) for one in stretches]
    return sum(low for low, _high in parts), sum(high for _low, high in parts)


def _bounds(stretch: Stretch, limit_ms: float, *, or_equal: bool) -> tuple[int, int]:
    at_least, at_most = 0, stretch.requests
    for quantile, (lowest_ms, highest_ms) in stretch.quantiles_ms.items():
        inside = highest_ms <= limit_ms if or_equal else highest_ms < limit_ms
        outside = lowest_ms > limit_ms if or_equal else lowest_ms >= limit_ms
        if inside:
            slow = stretch.slow_among - rank(quantile, stretch.slow_among)
            at_least = max(at_least, stretch.requests - slow)
        if outside:
            fast = min(int(quantile * stretch.fast_among + 1e-9), stretch.fast_among - 1)
            at_most = min(at_most, fast)
    return at_least, at_most


def _kept(
    budget: Budget, stretches: Sequence[Stretch], limit_ms: float, quantile: float, *, whole: bool
) -> bool | None:
    """Whether the percentile surely keeps a limit, surely breaks it, or ``None``."""
    total = sum(stretch.requests for stretch in stretches)
    at_least, at_most = _below(budget, stretches, limit_ms)
    hidden = HIDDEN if whole else 1.0
    if at_least >= rank(quantile, total):  # the percentile of all requests is below the limit
        if not budget.wants_less:
            return False
        return True if total - at_least <= hidden * (1 - quantile) * total else None
    if at_most < rank(quantile, total):
        if budget.wants_less:
            return False
        return True if at_most <= hidden * quantile * total else None
    return None


def _why_not(budget: Budget, told: str, *, whole: bool) -> str:
    limit = budget.limit_text(budget.last_limit)
    if whole:
        return (
            f"{told} of the whole run does not decide {limit}: it does not tell when requests were "
            "slow, and Locust rounds"
        )
    return f"{told} do not decide {limit}"


def _check_enough(
    budget: Budget, total: int, quantile: float, below: tuple[int, int], *, kept: bool | None
) -> None:
    """Raise ``Undecided`` when so few requests prove nothing."""
    at_least, at_most = below
    needed = requests_for_quantile(quantile)
    share = 1 - quantile if budget.wants_less else quantile
    wrong = total - at_least if budget.wants_less else at_most
    if kept is None and total >= needed:
        return
    if kept is False and (total >= needed or surely_above(total - at_most, total, 1 - quantile)):
        return
    if total < needed:
        raise Undecided(
            f"only {total:,} requests; {budget.word} needs at least {needed:,}",
            evidence={"requests": total, "requests_needed": needed},
            advice="Run longer or send more.",
        )
    if not surely_below(wrong, total, share):
        raise too_near(budget, Tried("requests", wrong, total, share), None, {"requests": total})
