"""What every kind of series has in common, drawn once for each series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np
from leaks.labelled import CLEAN, LEAKY, SLOW, Labelled
from leaks.noises import LAWS, Part, drawn, parts_of
from leaks.visible import visible_z

from reli_analysis.trends.observed import Observed

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOURS = (0.5, 1.0, 2.0, 6.0, 12.0, 24.0)
INTERVALS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
MIB = 2.0**20
_SAMPLES = (600, 15_000)
_MATTERS = 0.03
_FEWEST_COUNTS = 2.0


class Also(TypedDict, total=False):
    """What some series have beside their levels.

    ``kept`` are the samples that were taken, ``whole`` rounds them, ``one_by_one`` is what a leak at
    random adds each time.
    """

    lives: NDArray[np.int64]
    load: NDArray[np.float64]
    faults: tuple[tuple[float, float], ...]
    kept: NDArray[np.bool_]
    whole: bool
    one_by_one: float


@dataclass(frozen=True)
class Draw:
    """``threshold_per_h`` is 3 % of the base a run; ``share`` runs from 0 to 1 over the run."""

    source: np.random.Generator
    hours: float
    step_s: float
    law: str
    base: float
    sd: float
    threshold_per_h: float
    parts: tuple[Part, ...]

    @property
    def length_s(self) -> float:
        return self.hours * 3600

    @property
    def times_s(self) -> NDArray[np.float64]:
        return np.arange(0.0, self.length_s, self.step_s)

    @property
    def share(self) -> NDArray[np.float64]:
        return np.asarray(self.times_s / self.length_s)

    def uniform(self, low: float, high: float) -> float:
        return float(self.source.uniform(low, high))

    def log_uniform(self, low: float, high: float) -> float:
        return float(np.exp(self.source.uniform(np.log(low), np.log(high))))

    def noise(self) -> NDArray[np.float64]:
        return drawn(self.law, self.parts, len(self.times_s), self.step_s, self.source)

    def quieter(self, factor: float) -> Draw:
        """The same with that much of the noise."""
        parts = tuple(Part(factor * part.sd, part.memory_s) for part in self.parts)
        return replace(self, sd=factor * self.sd, parts=parts)

    def wandering(self, sd: float, memory_s: float) -> Draw:
        """The same with a bounded walk beside the noise."""
        return replace(self, parts=(*self.parts, Part(sd, memory_s)))

    def rate_per_h(self, low: float = 1.5, high: float = 10.0) -> float:
        """A leak's, in multiples of what matters."""
        return self.threshold_per_h * self.log_uniform(low, high)

    def counts(self) -> Draw:
        """The same for descriptors: whole numbers, of which two a run matter at least."""
        base = self.log_uniform(10, 500)
        sd = max(0.5, base * self.log_uniform(0.002, 0.03))
        parts = parts_of(self.law, sd, self.length_s, self.source)
        matters = max(_MATTERS * base, _FEWEST_COUNTS) / self.hours
        return replace(self, base=base, sd=sd, parts=parts, threshold_per_h=matters)

    def clean(self, levels: NDArray[np.float64], **also: Unpack[Also]) -> Labelled:
        return self._labelled(CLEAN, levels, 0.0, also)

    def slow(self, levels: NDArray[np.float64], **also: Unpack[Also]) -> Labelled:
        return self._labelled(SLOW, levels, 0.0, also)

    def leaky(
        self,
        levels: NDArray[np.float64],
        rate_per_h: float,
        grown_h: NDArray[np.float64] | None = None,
        *,
        began_s: float = 0.0,
        clock: str = "time",
        **also: Unpack[Also],
    ) -> Labelled:
        """``grown_h`` is for how many hours it has leaked; by default since the start."""
        grown = rate_per_h * (self.times_s / 3600 if grown_h is None else grown_h)
        made = self._labelled(LEAKY, levels + grown, rate_per_h, also)
        lives = also.get("lives", np.zeros(len(grown), dtype=np.int64))
        z = visible_z(grown, lives, self.parts, self.step_s, also.get("one_by_one", 0.0))
        return replace(made, visible_z=z, began_s=began_s, clock=clock)

    def _labelled(
        self, group: str, levels: NDArray[np.float64], rate_per_h: float, also: Also
    ) -> Labelled:
        values = levels + self.noise()
        if also.get("whole"):
            values = np.maximum(np.rint(values), 0.0)
        lives = also.get("lives", np.zeros(len(values), dtype=np.int64))
        observed = Observed(self.times_s, values, lives, also.get("load"), also.get("faults", ()))
        if "kept" in also:
            observed = observed.where(also["kept"])
        return Labelled("", group, observed, rate_per_h, self.threshold_per_h)


def draw(source: np.random.Generator) -> Draw:
    """Length, interval, law, base and noise of one series."""
    hours = float(source.choice(HOURS))
    fitting = [s for s in INTERVALS_S if _SAMPLES[0] <= hours * 3600 / s <= _SAMPLES[1]]
    step_s = float(source.choice(fitting))
    law = str(source.choice(LAWS))
    base = float(np.exp(source.uniform(np.log(20), np.log(4000)))) * MIB
    sd = base * float(np.exp(source.uniform(np.log(0.0004), np.log(0.012))))
    parts = parts_of(law, sd, hours * 3600, source)
    return Draw(source, hours, step_s, law, base, sd, _MATTERS * base / hours, parts)
