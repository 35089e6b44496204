"""What to do next: findings carry a sentence each, and a judgement gathers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli_analysis.verdict import Finding

ADVICE = "advice"
"""The key in a finding's evidence under which its sentence stands."""

_WEIGHTIEST_FIRST = (Verdict.INVALID, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)


def gather(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The findings' advice, what weighs most first, each sentence once."""
    weighed = sorted(findings, key=lambda finding: _WEIGHTIEST_FIRST.index(finding.verdict))
    sentences = (finding.evidence.get(ADVICE) for finding in weighed)
    return tuple(dict.fromkeys(str(sentence) for sentence in sentences if sentence))
