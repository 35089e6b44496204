"""When to sample: on an absolute schedule, so that no delay of one sample moves the next."""

from __future__ import annotations

from dataclasses import dataclass

_LATE_SHARE = 0.25
"""A sample later than this share of the interval no longer stands for the interval's end."""

_SAY_AGAIN_S = 60.0


@dataclass(frozen=True)
class Tick:
    """One sample that is due: it ends interval ``index``.

    ``missed`` counts the samples before it that can no longer be taken; ``late_s`` is how long after
    the interval's end this one comes, always less than an interval.
    """

    index: int
    missed: int
    late_s: float


class Schedule:
    """Interval n ends, and is sampled, at ``(n + 1) * interval_s`` of the run."""

    def __init__(self, interval_s: float, next_index: int = 0) -> None:
        self.interval_s = interval_s
        self.next_index = next_index
        """The first interval that was not sampled."""

    @property
    def due_s(self) -> float:
        """The moment of the run at which the next sample is due."""
        return (self.next_index + 1) * self.interval_s

    def tick(self, elapsed_s: float) -> Tick | None:
        """The sample to take now, or ``None`` before its time; the schedule goes on after it."""
        if elapsed_s < self.due_s:
            return None
        # Rounding may put a moment just before the interval's end that it is at.
        index = max(self.next_index, int(elapsed_s / self.interval_s) - 1)
        missed = index - self.next_index
        self.next_index = index + 1
        return Tick(index, missed, max(0.0, elapsed_s - self.next_index * self.interval_s))


class Lateness:
    """Puts late and missed samples into sentences: at once, then at most one a minute.

    A host that is always busy would otherwise write an event an interval for days.
    """

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._said_s = float("-inf")
        self._late = 0
        self._worst_s = 0.0
        self._missed = 0

    def add(self, tick: Tick, elapsed_s: float) -> str | None:
        """Take a sample into account; returns a sentence when one is due."""
        self._missed += tick.missed
        if tick.late_s > _LATE_SHARE * self._interval_s:
            self._late += 1
            self._worst_s = max(self._worst_s, tick.late_s)
        if not (self._late or self._missed) or elapsed_s - self._said_s < _SAY_AGAIN_S:
            return None
        return self._say(elapsed_s)

    def rest(self) -> str | None:
        """What was not said yet when the run ends."""
        return self._say(self._said_s) if self._late or self._missed else None

    def _say(self, elapsed_s: float) -> str:
        parts = []
        if self._missed:
            parts.append(f"{_samples(self._missed)} missed")
        if self._late:
            parts.append(f"{_samples(self._late)} late by up to {self._worst_s:.3g} s")
        self._late, self._worst_s, self._missed, self._said_s = 0, 0.0, 0, elapsed_s
        return ", ".join(parts)


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"
