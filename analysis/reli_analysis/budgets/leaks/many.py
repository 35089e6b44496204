"""Many series at once: of enough healthy ones, chance alone makes some seem to leak."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.leaks.says import Says
from reli_analysis.multiplicity import q_values
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli_analysis.verdict import Finding

FALSE_DISCOVERIES = 0.01
"""The share of the leaks that are told which may be chance: as sure as a single one has to be."""


def corrected(findings: Iterable[Finding]) -> list[Finding]:
    """Give each judged series its q-value, and take back leaks above 1 %.

    q is the smallest rate of false discoveries at which a series would still count as leaking, over
    all that were asked (``multiplicity.q_values``). A single series is left as it is, and so is a
    leak whose slope alone would never have told it (p above 1 %): a pattern did, such as steps that
    double.
    """
    found = list(findings)
    places = [at for at, one in enumerate(found) if _p_value(one) is not None]
    if len(places) < 2:
        return found
    told = q_values([found[at].evidence["p_value"] for at in places])
    for at, q in zip(places, told, strict=True):
        found[at] = _with_q(found[at], q, len(places))
    return found


def _p_value(finding: Finding) -> float | None:
    if "answer" not in finding.evidence or finding.evidence.get("rate_per_h") is None:
        return None
    p = finding.evidence.get("p_value")
    return p if isinstance(p, float) else None


def _with_q(finding: Finding, q: float, series: int) -> Finding:
    evidence = {**finding.evidence, "q_value": q, "series": series}
    by_slope = finding.evidence["p_value"] <= FALSE_DISCOVERIES
    if finding.evidence["answer"] != Says.LEAK or not by_slope or q <= FALSE_DISCOVERIES:
        return replace(finding, evidence=evidence)
    why = f"one of {series} series, of which chance alone makes some seem to leak (q = {q:.2g})"
    evidence |= {
        "answer": Says.UNKNOWN.value,
        "why": why,
        ADVICE: f"Run again, or longer, to see whether {finding.subject} grows once more.",
    }
    return replace(
        finding,
        verdict=Verdict.INCONCLUSIVE,
        message=f"{finding.subject} may leak or not: {why}; by itself, {finding.message}",
        evidence=evidence,
    )
