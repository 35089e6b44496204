"""What every stage of a profile is made of: a strict model, legs in time, and a sentence."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from reli.profile.levels import USERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli.profile.levels import Level
    from reli.profile.stages.words import Words


class Strict(BaseModel):
    """A part of a profile: unknown keys are refused, nothing is converted, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True)
class Scale:
    """Turns levels into numbers of ``unit``: ``"iterations/s"`` or ``"users"``."""

    unit: str
    base_rate_per_s: float | None

    def of(self, level: Level) -> float:
        if level.family != "share":
            return level.value
        if self.base_rate_per_s is None:
            raise ValueError("a share of a base rate that is not known")
        # Rounded, because 1.1 * 50 is 55.00000000000001.
        return float(f"{level.value * self.base_rate_per_s:.12g}")

    def between(self, low: float, high: float, share: float) -> float:
        """A level between two others; users come whole."""
        value = low + (high - low) * share
        return float(round(value)) if self.unit == USERS else value

    def label(self, value: float) -> str:
        """A number as a profile would write it."""
        if self.unit == USERS:
            return "1 user" if value == 1 else f"{value:.6g} users"
        if self.base_rate_per_s is None:
            return f"{value:.6g}/s"
        return f"{value / self.base_rate_per_s * 100:.6g}%"


@dataclass(frozen=True)
class Leg:
    """A straight piece of the load over time; ``window`` is ``None`` where the profile is silent."""

    kind: str
    name: str
    from_level: float
    to_level: float
    seconds: float
    window: str | None = None


class StageBody(Strict):
    """What stands under a stage's kind."""

    @abstractmethod
    def legs(self, scale: Scale, before: float, name: str) -> Iterator[Leg]:
        """The stage's pieces in order; ``before`` is the level it starts at, ``name`` may be empty."""

    @abstractmethod
    def after(self, scale: Scale, before: float | None) -> float | None:
        """The level it ends at; ``None`` where that depends on an unknown level before."""

    @abstractmethod
    def sentences(self, words: Words, before: float | None) -> list[str]:
        """What would happen; lines after the first belong to stages within."""

    def count(self) -> int:
        """How many legs it unrolls to."""
        return 1
