"""Requests that were counted under ``(other)``, and the budgets that they put in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.lookup import matching
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.record.layout import OTHER

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run

FOLDED = f" {OTHER}"
"""The endpoint of all that are folded has no type."""


def folded_requests(run: Run) -> int:
    """How many requests of the whole run were counted under ``(other)``."""
    endpoint = run.endpoints.get(FOLDED)
    return 0 if endpoint is None else round(float(np.nansum(endpoint.requests)))


def refuse_folded(budget: Budget, run: Run) -> None:
    """Raise ``Undecided`` for a budget of an endpoint whose requests may have been folded.

    They cannot have been when the budget's endpoints hold the folded ones too; nor when it names
    one endpoint and there was one load process, where a name that was told apart once stays so.
    With more processes another one may have folded the same name.
    """
    requests = folded_requests(run)
    if not requests or budget.endpoint is None:
        return
    chosen = matching(run.endpoints, budget.endpoint)
    if FOLDED in chosen:
        return
    named = any(budget.endpoint in (name, name.partition(" ")[2]) for name in chosen)
    if named and _load_processes(run) == 1:
        return
    raise Undecided(
        f"{requests:,} requests were counted under {OTHER}, and some of them may be "
        f'of "{budget.endpoint}"',
        evidence={"folded_requests": requests},
        advice="Give requests that differ only in an id one name: name= in the task's call.",
    )


def _load_processes(run: Run) -> int:
    """How many load processes the run ever had, one after the other included."""
    workers = run.series.get("workers")
    at_once = workers.measured().values if workers is not None else np.empty(0)
    joined = {
        e.subject for e in run.events if e.kind == "worker" and e.message.startswith("joined")
    }
    return max(int(at_once.max(initial=0)), len(joined))
