"""Many series at once: of enough healthy ones, chance alone makes some seem to leak."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.leaks.says import Says
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from reli_analysis.verdict import Finding

FALSE_DISCOVERIES = 0.01
"""The share of the leaks that are told which may be chance: as sure as a single one has to be."""


def corrected(findings: Iterable[Finding]) -> list[Finding]:
    """Give each judged series its q-value, and take back leaks above 1 %.

    q is the smallest rate of false discoveries at which a series would still count as leaking, over
    all that were asked (Benjamini and Hochberg 1995: p times their number by its rank, made monotone).
    It holds for independent series and for those that go along with each other, as the memory and
    the descriptors of one process do. A single series is left as it is, and so is a leak whose slope
    alone would never have told it (p above 1 %): a pattern did, such as steps that double.
    """
    found = list(findings)
    places = [at for at, one in enumerate(found) if _p_value(one) is not None]
    if len(places) < 2:
        return found
    q_values = _q_values(np.array([found[at].evidence["p_value"] for at in places]))
    for at, q in zip(places, q_values.tolist(), strict=True):
        found[at] = _with_q(found[at], q, len(places))
    return found


def _q_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(p_values)
    by_rank = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    q_values = np.empty(len(order))
    q_values[order] = np.minimum.accumulate(by_rank[::-1])[::-1]
    return q_values


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
