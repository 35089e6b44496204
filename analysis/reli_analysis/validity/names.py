"""Were requests or error texts folded together, because there were too many distinct ones?

A warning, never more: every request is still counted, and budgets of all requests hold. A budget
of one endpoint, some of whose requests may be among the folded, is INCONCLUSIVE itself
(``reli_analysis.budgets.folded``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.folded import folded_requests
from reli_analysis.record.layout import ERRORS_EVENT, NAMES_EVENT, OTHER
from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "names folded"

_ONE_NAME = "Give requests that differ only in an id one name: name= in the task's call."
_ONE_TEXT = "Raise errors whose text is the same each time, and put what varies into a log."


def check(run: Run) -> Finding | None:
    """A warning with the number of requests and failures, and the pattern that exploded."""
    requests = folded_requests(run)
    texts = sum(failure.count for failure in run.failures if failure.text == OTHER)
    if not requests and not texts:
        return None
    told, advice = [], []
    if requests:
        told.append(f"{requests:,} requests were counted under {OTHER}{_why(run, NAMES_EVENT)}")
        advice.append(_ONE_NAME)
    if texts:
        told.append(f"{texts:,} failures were counted without their text{_why(run, ERRORS_EVENT)}")
        advice.append(_ONE_TEXT)
    patterns = [event.subject for event in run.events if event.kind in {NAMES_EVENT, ERRORS_EVENT}]
    return found(
        NAME,
        Verdict.PASS,
        "; ".join(told),
        observed=float(requests + texts),
        unit="count",
        warning=True,
        evidence={
            "requests": requests,
            "texts": texts,
            "patterns": list(dict.fromkeys(patterns)),
            ADVICE: " ".join(advice),
        },
    )


def _why(run: Run, kind: str) -> str:
    """What the last event of that kind says after its first colon; nothing without one."""
    said = [event.message.partition(": ")[2] for event in run.events if event.kind == kind]
    return f": {said[-1]}" if said and said[-1] else ""


CHECKS.register(NAME, of_load(check))
