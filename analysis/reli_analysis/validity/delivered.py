"""Did the target get the load that the profile asked for?

In the open model the load was offered when the arrivals came about, whether or not the target
could take them: those that waited are in the response times, those given up are failures, and both
are for budgets to judge. So arrivals are compared with the plan, and nothing of it is the target's
doing: INVALID when they do not match.

In the closed model a user waits for its answer, so a slow target is offered less. When the load
processes had time and all users were there, the users were within their tasks: the target did not
take the load (or the tasks wait themselves). What broke under less load than was asked for is
broken, so FAIL may stand; but a PASS would speak of a load that never was. INCONCLUSIVE says both.
Where the generator was the bottleneck, or users were missing, or nothing tells that they were not,
the run is INVALID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import under_load
from reli_analysis.units import format_value
from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.validity.generator import reasons, was_measured
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "load delivered"

LEAST = 0.9
"""With a tenth of the load missing, the run answers another question than the one asked."""

MOST = 1.1
"""The same on the other side, which only arrivals can reach.

Neither is broken by what one interval holds: the first and the last of a run are cut.
"""

_CHANCE = 3.0
"""Standard deviations that chance alone may move the count of Poisson arrivals."""

_USERS_THERE = 0.95
_MORE = "Give the load more processes or workers, or ask for a rate that they can make."
_OPEN = (
    "Write model: open, which offers the load however slow the answers are, "
    "or ask for a rate that the target can take."
)


def check(run: Run) -> Finding | None:
    """Compare what was made with the plan; skipped where nothing was offered by rate."""
    offered = under_load(run, "offered_per_s")
    if run.is_open:
        made = under_load(run, "arrivals") / run.interval_s
    else:
        made = under_load(run, "iterations_per_s")
    known = (np.nan_to_num(offered) > 0) & np.isfinite(made)
    if not known.any():
        return None
    return (_open if run.is_open else _closed)(run, offered[known], made[known])


def _open(run: Run, offered: NDArray[np.float64], came: NDArray[np.float64]) -> Finding:
    asked, got = float(offered.sum()), float(came.sum())
    says = f"{_rate(came)} of {_rate(offered)} arrivals came about"
    tolerated = max(_by_chance(run, asked * run.interval_s) / run.interval_s, float(offered.max()))
    limit = MOST if got > MOST * asked else LEAST
    if LEAST * asked <= got <= MOST * asked or abs(got - asked) <= tolerated:
        return _finding(Verdict.PASS, says, got / asked, limit)
    return _finding(
        Verdict.INVALID,
        f"{says}: this is another load than the one that was asked for",
        got / asked,
        limit,
        _MORE,
    )


def _by_chance(run: Run, expected: float) -> float:
    """How far a count may lie off: not at all, or for a Poisson count three times its root."""
    profile = run.info.profile if run.info else {}
    return _CHANCE * float(np.sqrt(expected)) if profile.get("arrivals") == "poisson" else 0.0


def _closed(run: Run, offered: NDArray[np.float64], finished: NDArray[np.float64]) -> Finding:
    share = float(finished.sum() / offered.sum())
    says = f"{_rate(finished)} of {_rate(offered)} iterations were delivered"
    if share >= LEAST or offered.sum() - finished.sum() <= offered.max():
        return _finding(Verdict.PASS, says, share, LEAST)
    if _is_generators_doing(run):
        return _finding(
            Verdict.INVALID,
            f"only {says}: this is another load than the one that was asked for",
            share,
            LEAST,
            _MORE,
        )
    return _finding(
        Verdict.INCONCLUSIVE,
        f"only {says}: the load processes had time left and their users waited for answers; how "
        "the target fares under the whole load is not known",
        share,
        LEAST,
        _OPEN,
    )


def _is_generators_doing(run: Run) -> bool:
    """Whether the load processes were short of time or users, or did not say that they were not."""
    if not was_measured(run) or any(reason.grave for reason in reasons(run)):
        return True
    pace_per_s = run.info.profile.get("pace_per_s") if run.info else None
    if not isinstance(pace_per_s, int | float) or pace_per_s <= 0:
        return False
    users = np.nan_to_num(under_load(run, "users"))
    needed = np.nan_to_num(under_load(run, "offered_per_s")) / pace_per_s
    return bool(users.sum() < _USERS_THERE * needed.sum())


def _rate(rates: NDArray[np.float64]) -> str:
    return format_value(float(rates.mean()), "1/s")


def _finding(
    verdict: Verdict, message: str, share: float, limit: float, advice: str = ""
) -> Finding:
    evidence = {ADVICE: advice} if advice else {}
    return found(
        NAME, verdict, message, observed=share, limit=limit, unit="ratio", evidence=evidence
    )


CHECKS.register(NAME, of_load(check))
