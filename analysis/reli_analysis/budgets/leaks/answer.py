"""One series judged: what its trend says, held against what was watched and what can be seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.leaks.resolution import unseen_per_h
from reli_analysis.budgets.leaks.says import Says
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from reli_analysis.budgets.leaks.subjects import Subject
    from reli_analysis.budgets.leaks.threshold import Threshold
    from reli_analysis.trends.leak import Leak

SHORTEST_S = 300.0
"""Below five minutes, warm-up and garbage collection cannot be told from a leak."""

LONGEST_SILENCE = 0.2
"""The share of the time under load that may pass without a sample and still be called clean."""

_FEW_NEGATIVE = 0.02
_ROUNDING = 1e-6
_NEVER_ZERO = frozenset(
    {"rss_bytes", "uss_bytes", "pss_bytes", "memory_bytes", "working_set_bytes"}
    | {"threads", "processes"}
)


@dataclass(frozen=True)
class Answer:
    """``says`` and ``why`` may be less than the leak's own: what was not watched is not known."""

    leak: Leak
    says: Says
    why: str
    smallest_seen_per_h: float
    needed_s: float | None

    @property
    def rates_per_h(self) -> tuple[float, float, float]:
        """The leak's, without what rounding leaves of 0."""
        least = _ROUNDING * self.leak.threshold_per_h
        estimate, low, high = (0.0 if abs(r) < least else r for r in self.leak.rates_per_h)
        return estimate, low, high


def refuse(subject: Subject, column: str) -> None:
    """Raise ``Undecided`` for what no trend can be asked of."""
    values = subject.measured
    if (values < 0).mean() > _FEW_NEGATIVE:
        raise Undecided(
            f"{subject.name} is negative, so it is nothing that is used up",
            advice=f"Check what {column} measures.",
        )
    if column in _NEVER_ZERO and not values.any():
        raise Undecided(
            f"{subject.name} was 0 throughout, which no process has",
            advice=f"Check how {column} is sampled.",
        )
    length_s = subject.end_s - subject.start_s
    if length_s < SHORTEST_S:
        needed = format_duration(SHORTEST_S)
        raise Undecided(
            f"whether {subject.name} leaks cannot be seen: "
            f"{format_duration(length_s)} are too short to tell a leak from a warm-up",
            evidence={"needed_s": SHORTEST_S},
            advice=f"Let the steady window last at least {needed} to judge leaks.",
        )


def answer(subject: Subject, threshold: Threshold) -> Answer:
    """What the trend says; no growth only where it was watched, and where it could be seen."""
    # It needs scipy, which takes longer to import than most runs to judge.
    from reli_analysis.trends.leak import find_leak  # noqa: PLC0415 -- as said

    observed = subject.observed
    readable = np.where(observed.values < 0, np.nan, observed.values)
    leak = find_leak(replace(observed, values=readable), threshold.per_h)
    smallest = max(leak.smallest_seen_per_h, unseen_per_h(subject))
    found = Answer(leak, Says[leak.growth.name], leak.why, smallest, leak.needed_s)
    if found.says is not Says.NONE:
        return found
    silence = _silence(subject)
    length_s = subject.end_s - subject.start_s
    if silence is not None:
        return replace(found, says=Says.UNKNOWN, why=silence, needed_s=length_s)
    if smallest > threshold.per_h:
        needed_s = length_s * smallest / threshold.per_h
        why = "its values come in steps too large for so short a run"
        return replace(found, says=Says.UNKNOWN, why=why, needed_s=needed_s)
    return found


def _silence(subject: Subject) -> str | None:
    """What was not watched, where that is too much to call anything clean."""
    known = np.isfinite(subject.observed.values)
    times_s = np.concatenate(
        [[subject.start_s], subject.observed.elapsed_s[known], [subject.end_s]]
    )
    times_s = np.sort(times_s)
    steps = np.diff(times_s)
    usual_s = float(np.median(steps))
    at = int(steps.argmax())
    if steps[at] <= LONGEST_SILENCE * (subject.end_s - subject.start_s) + usual_s:
        return None
    begin, end = (format_duration(float(moment)) for moment in times_s[at : at + 2])
    return f"it was not measured from {begin} to {end}"
