"""Verdicts over many runs: those that flip although nothing changed, and runs that are missing."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.history.steps import setup
from reli_analysis.units import format_duration
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.history.entry import Entry

FEWEST_FLIPS = 2
"""One flip may be a change; two of the same setup cannot both be."""
_FEWEST_RUNS = 5
_GAP = 2.5
_REGULAR = 0.35
_DECIDED = (Verdict.PASS.value, Verdict.FAIL.value)


@dataclass(frozen=True)
class Flaky:
    """A verdict (of the run, or of the finding ``subject``) that flips within one setup."""

    subject: str
    passed: int
    failed: int
    flips: int

    @property
    def message(self) -> str:
        what = f"{self.subject} of the same setup" if self.subject else "runs of the same setup"
        return (
            f"{what} flipped {self.flips} times between PASS and FAIL "
            f"({self.passed} PASS, {self.failed} FAIL): the limit lies within the noise"
        )


def flaky_of(entries: Sequence[Entry]) -> list[Flaky]:
    """What flips at least twice among runs with the same profile, versions and host; run first."""
    by_setup: dict[str, list[Entry]] = {}
    for entry in entries:
        key = json.dumps(setup(entry), sort_keys=True, default=str)
        by_setup.setdefault(key, []).append(entry)
    sums: dict[str, list[int]] = {}
    for own in by_setup.values():
        subjects = dict.fromkeys(["", *(name for entry in own for name in entry.findings)])
        for subject in subjects:
            said = [e.findings.get(subject, "") if subject else e.verdict.value for e in own]
            decided = [word for word in said if word in _DECIDED]
            flips = sum(a != b for a, b in itertools.pairwise(decided))
            if flips >= FEWEST_FLIPS:
                total = sums.setdefault(subject, [0, 0, 0])
                counts = (decided.count("PASS"), decided.count("FAIL"), flips)
                sums[subject] = [a + b for a, b in zip(total, counts, strict=True)]
    found = [Flaky(subject, *counts) for subject, counts in sums.items()]
    return sorted(found, key=lambda one: (one.subject != "", -one.flips, one.subject))


def missing_runs(entries: Sequence[Entry]) -> list[str]:
    """Gaps in a history of runs that begin regularly, in a sentence each.

    They are regular when half of the spaces between them lie within 35 % of the median; a gap is a
    space of 2.5 times the median or more.
    """
    starts = np.array([entry.started_wall_s for entry in entries])
    if len(starts) < _FEWEST_RUNS:
        return []
    spaces = np.diff(starts)
    usual = float(np.median(spaces))
    if usual <= 0 or np.median(np.abs(spaces - usual)) > _REGULAR * usual:
        return []
    return [
        f"about {round(spaces[at] / usual) - 1} runs are missing between {entries[at].title} and "
        f"{entries[at + 1].title}: runs usually begin {format_duration(usual)} apart"
        for at in np.flatnonzero(spaces >= _GAP * usual).tolist()
    ]
