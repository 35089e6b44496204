"""Was every target there to be sampled, all through the steady load?

A budget that speaks of a target that was never there has nothing to speak of, and columns that are
sums over the targets miss it without a sign. So a target that was named and never seen makes a run
INCONCLUSIVE, as does one that was away for more of the steady load than a gap may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.courses import TARGET
from reli_analysis.selection import inside, load_spans
from reli_analysis.targets import is_of, never_there, tells_targets
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.validity.gaps import TOO_MANY
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "targets"

ATTACHED = "attached"
_A_MOMENT = 3
"""Samples that a restart may cost; it is told as such."""

_NEAR_STEPS = 1.5

_NEVER = "Correct the target, or see that it is started and may be read: {}."
_AWAY = "See why {} was away, and repeat the run."


@dataclass(frozen=True)
class Presence:
    """How often a target was sampled while the load was steady, of how many samples."""

    target: str
    seen: int
    of: int

    @property
    def away(self) -> int:
        return self.of - self.seen


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE when a target was never there, or away for long; a warning when for less."""
    if run.info is None or not run.info.targets or not tells_targets(run):
        return None
    missing = never_there(run)
    if missing:
        named = ", ".join(missing)
        return found(
            NAME,
            Verdict.INCONCLUSIVE,
            f"never there: {named}; nothing that depends on it can be judged",
            observed=float(len(missing)),
            limit=0.0,
            unit="count",
            evidence={"never_there": list(missing), ADVICE: _NEVER.format(named)},
        )
    away = [presence for presence in _presences(run) if presence.away > _A_MOMENT]
    if not away:
        return _all_there(run)
    return _away(run, sorted(away, key=lambda presence: -presence.away / presence.of))


def _all_there(run: Run) -> Finding:
    count = len(run.info.targets) if run.info else 0
    return found(NAME, Verdict.PASS, f"{'the target' if count == 1 else f'all {count}'} there")


def _away(run: Run, away: list[Presence]) -> Finding:
    worst = away[0]
    share = worst.away / worst.of
    told = "; ".join(
        f"{one.target} was not there for {format_value(one.away / one.of, 'ratio')} of the steady "
        f"samples ({format_duration(one.away / one.of * _steady_s(run))})"
        for one in away
    )
    numbers = {"observed": share, "limit": TOO_MANY, "unit": "ratio"}
    evidence: dict[str, object] = {f"away: {one.target}": one.away for one in away}
    if share <= TOO_MANY:
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True, **numbers)
    evidence[ADVICE] = _AWAY.format(worst.target)
    return found(NAME, Verdict.INCONCLUSIVE, told, evidence=evidence, **numbers)


def _steady_s(run: Run) -> float:
    return sum(end - start for start, end in load_spans(run))


def _presences(run: Run) -> list[Presence]:
    """Each target against the moments at which anything was sampled; one attached since then."""
    spans = load_spans(run)
    everything = _moments([one.elapsed_s for one in run.sampled])
    everything = everything[inside(everything, spans)]
    attached = {event.subject: event.elapsed_s for event in run.events if event.kind == ATTACHED}
    presences = []
    for target in run.info.targets if run.info else ():
        own = _moments(_times(run, target))
        due = everything[everything >= attached.get(target, -np.inf)]
        if len(own) and len(due):
            presences.append(Presence(target, _seen(due, own, run.interval_s), len(due)))
    return presences


def _times(run: Run, target: str) -> list[NDArray[np.float64]]:
    sampled = [
        one.elapsed_s for one in run.sampled if one.role == TARGET and is_of(one.source, target)
    ]
    return sampled + [one.series.elapsed_s for one in run.published if is_of(one.source, target)]


def _moments(times: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.unique(np.concatenate([np.empty(0), *times]))


def _seen(due: NDArray[np.float64], own: NDArray[np.float64], interval_s: float) -> int:
    """How many due moments have a sample of the target's own near them.

    A source on another host keeps its own time, and one that is expensive is read less often.
    """
    usual_s = float(np.median(np.diff(own))) if len(own) > 1 else interval_s
    near_s = _NEAR_STEPS * max(interval_s, usual_s)
    after = np.clip(np.searchsorted(own, due), 1, max(1, len(own) - 1))
    before = np.abs(due - own[after - 1])
    distance_s = np.minimum(before, np.abs(own[np.minimum(after, len(own) - 1)] - due))
    return int((distance_s <= near_s).sum())


CHECKS.register(NAME, check)
