"""Does it leak? Three answers, each with what it rests on.

The steps, each in a file of its own: clean the samples (``observed``), take the floors of equal
buckets (``floors``, ``sawtooth``), leave out faults and pulses (``pulses``), cut at level shifts
(``shifts``), find the window after the warm-up (``window``), ask which clock growth follows
(``clocks``), and whether growth that slowed down settles (``settling``). The slope's uncertainty is
that of a regression with noise of unknown memory (``noise``). ``rules`` turns that into an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.clocks import TIME
from reli_analysis.trends.drawn import fitted_line
from reli_analysis.trends.left_out import EARLIER_LIFE, WARM_UP, LeftOut, stretches
from reli_analysis.trends.needed import needed_s
from reli_analysis.trends.observed import cleaned
from reli_analysis.trends.onset import began_s
from reli_analysis.trends.prepared import prepare
from reli_analysis.trends.rules import Growth, Judged, decide, judge, last_life, leaks_alone
from reli_analysis.trends.window import FEWEST

if TYPE_CHECKING:
    from reli_analysis.trends.clocks import Clock
    from reli_analysis.trends.observed import Observed
    from reli_analysis.trends.posterior import Posterior
    from reli_analysis.trends.prepared import Prepared
    from reli_analysis.trends.window import Window

__all__ = ["Growth", "Leak", "LeftOut", "find_leak"]

_HOUR_S = 3600.0
_LAST = 0.1
_HIGH = 95


@dataclass(frozen=True)
class Leak:
    """An answer. ``why`` names the rule that decided; ``slope`` is in units a second.

    ``last_level`` is what the series came to: the 95th percentile of the last tenth of its samples.
    ``requests_per_s`` is the mean load, ``began_s`` when a leak began, ``needed_s`` how long a run
    would have to be, at least, where the answer is UNKNOWN.
    """

    growth: Growth
    why: str
    threshold_per_h: float
    last_level: float
    slope: Posterior | None = None
    followed: Clock | None = None
    window: Window | None = None
    requests_per_s: float | None = None
    began_s: float | None = None
    needed_s: float | None = None
    left_out: tuple[LeftOut, ...] = field(default=(), repr=False)

    @property
    def rates_per_h(self) -> tuple[float, float, float]:
        """Estimate, and the low and the high end of its 95 % interval; NaN without a slope."""
        if self.slope is None:
            return float("nan"), float("nan"), float("nan")
        low, high = self.slope.interval
        return self.slope.estimate * _HOUR_S, low * _HOUR_S, high * _HOUR_S

    @property
    def clock(self) -> str:
        """What growth follows: time, the requests, or the faults."""
        return TIME if self.followed is None else self.followed.name

    @property
    def sawtooth_s(self) -> float | None:
        """The period of the sawtooth whose floors were judged, if there is one."""
        sawtooth = self.window and self.window.prepared.floors.sawtooth
        return sawtooth.period_s if sawtooth else None

    @property
    def rates_per_1000_requests(self) -> tuple[float, float, float] | None:
        """The same by the mean load; ``None`` where that is not known."""
        if not self.requests_per_s or self.slope is None:
            return None
        thousands_an_hour = self.requests_per_s * _HOUR_S / 1000
        estimate, low, high = (rate / thousands_an_hour for rate in self.rates_per_h)
        return estimate, low, high

    @property
    def p_value(self) -> float:
        """The probability that there is no growth at all, for many series at once."""
        return 1.0 if self.slope is None else self.slope.below(0.0)

    @property
    def smallest_seen_per_h(self) -> float:
        """The smallest leak that would have shown: the upper end about 0, or about the estimate.

        An estimate below 0 is taken for 0: a fall is luck or a cache, not room for a leak. Where
        the answer is NONE it is never more than the threshold, which is ruled out as well.
        """
        estimate, _low, high = self.rates_per_h
        smallest = high - min(estimate, 0.0)
        return min(smallest, self.threshold_per_h) if self.growth is Growth.NONE else smallest

    @property
    def window_s(self) -> tuple[float, float] | None:
        """From when to when levels were judged."""
        if self.window is None:
            return None
        times_s = self.window.prepared.floors.elapsed_s
        return float(times_s[0]), float(times_s[-1])

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Time and level of each floor that was judged."""
        if self.window is None:
            return ()
        floors = self.window.prepared.floors
        return tuple(zip(floors.elapsed_s.tolist(), floors.levels.tolist(), strict=True))

    @property
    def line(self) -> tuple[tuple[float, float, float, float], ...]:
        """Time, fitted level and the ends of its 95 % interval; computed when asked for."""
        if self.window is None or self.followed is None:
            return ()
        return fitted_line(self.window, self.followed.seconds)


def find_leak(observed: Observed, threshold_per_h: float) -> Leak:
    """Judge one quantity; ``threshold_per_h`` is the slowest growth that matters, above 0.

    What all lives have in common is judged first; a last life that leaks by itself, or at another
    rate, then speaks for the present.
    """
    threshold = threshold_per_h / _HOUR_S
    clean = cleaned(observed)
    prepared = prepare(clean)
    if prepared is None or len(prepared) < FEWEST:
        return _unknown(clean, threshold_per_h, "too few levels")
    whole = judge(clean, prepared)
    if whole is None:
        return _unknown(clean, threshold_per_h, "growth cannot be told from the load's")
    growth, why = decide(whole, threshold)
    judged = whole
    last = last_life(clean, prepared)
    if last and leaks_alone(last.slope, whole.slope, threshold):
        growth, why, judged = Growth.LEAK, "growth in the last life", last
    unknown = growth is Growth.UNKNOWN
    return Leak(
        growth,
        why,
        threshold_per_h,
        _last_level(clean),
        judged.slope,
        judged.clock,
        judged.window,
        _mean_load(clean),
        began_s(judged.prepared) if growth is Growth.LEAK else None,
        needed_s(_length_s(clean), judged.slope, threshold) if unknown else None,
        _left_out(prepared, judged),
    )


def _left_out(prepared: Prepared, judged: Judged) -> tuple[LeftOut, ...]:
    floors, last = prepared.floors, judged.prepared.floors
    earlier = floors.elapsed_s < last.elapsed_s[0]
    unjudged = ~np.isin(floors.elapsed_s, judged.window.prepared.floors.elapsed_s)
    return (
        *prepared.left_out,
        *stretches(floors, earlier, EARLIER_LIFE),
        *stretches(floors, unjudged & ~earlier, WARM_UP),
    )


def _unknown(clean: Observed, threshold_per_h: float, why: str) -> Leak:
    needed = needed_s(_length_s(clean), None, threshold_per_h)
    level = _last_level(clean)
    return Leak(Growth.UNKNOWN, why, threshold_per_h, level, needed_s=needed)


def _length_s(observed: Observed) -> float:
    return float(np.ptp(observed.elapsed_s)) if len(observed.elapsed_s) else 0.0


def _last_level(observed: Observed) -> float:
    if not len(observed.values):
        return float("nan")
    last = observed.values[-max(1, round(_LAST * len(observed.values))) :]
    return float(np.percentile(last, _HIGH))


def _mean_load(observed: Observed) -> float | None:
    load = observed.load
    return None if load is None else float(load.mean())
