"""Findings and what they add up to.

Exit codes, the same for every command: 0 PASS, 1 FAIL, 2 wrong usage or input, 3 INCONCLUSIVE,
4 INVALID, 130 interrupted.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class Verdict(enum.StrEnum):
    """What can be said of a finding, and of a run."""

    PASS = "PASS"  # noqa: S105 -- a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"

    @property
    def exit_code(self) -> int:
        return {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 3, "INVALID": 4}[self.value]


@dataclass(frozen=True)
class Finding:
    """One budget or check with its evidence.

    ``observed`` and ``limit`` are in ``unit`` ("ms", "bytes", "ratio", "1/s", "count", "s", ...);
    ``None`` means that there is no such number, never 0. ``message`` is one sentence.
    ``evidence`` holds plain JSON values. ``warning`` marks a PASS that crossed the first of two
    levels.
    """

    id: str
    kind: str
    subject: str
    verdict: Verdict
    message: str
    observed: float | None = None
    limit: float | None = None
    unit: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    warning: bool = False


def overall(findings: Iterable[Finding]) -> Verdict:
    """What the findings add up to.

    A run that cannot be believed says nothing else (INVALID); one broken promise fails it; what
    is not known keeps it from passing; and no finding at all is INCONCLUSIVE, because no data is
    never PASS.
    """
    verdicts = {finding.verdict for finding in findings}
    for verdict in (Verdict.INVALID, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS):
        if verdict in verdicts:
            return verdict
    return Verdict.INCONCLUSIVE
