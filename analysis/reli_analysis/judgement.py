"""A judged run: what readers, checks and verdict add up to, and what every report renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding, Verdict


@dataclass(frozen=True)
class Judgement:
    """The run, its findings in the order of reading, the verdict, and what to do next."""

    run: Run
    verdict: Verdict
    findings: tuple[Finding, ...]
    advice: tuple[str, ...]
