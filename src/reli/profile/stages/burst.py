"""``burst``: up to a level and back to the one before."""

# ruff: noqa: TC001 -- pydantic reads the annotations at run time

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from reli.profile.stages.base import Leg, Scale, StageBody
from reli.profile.values import Duration, DurationFrom0, LevelField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli.profile.stages.words import Words


class Burst(StageBody):
    """Up to a level, back to the one before, and a rest there."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"to": "1000%", "for": "30s", "rest": "1m", "ramp": "5s"}]}
    )

    to: LevelField = Field(description="The level of the burst.", examples=["1000%"])
    for_s: Duration = Field(alias="for", description="How long the burst lasts.", examples=["30s"])
    rest: DurationFrom0 = Field(0.0, description="How long the level before is held afterwards.")
    ramp: DurationFrom0 = Field(0.0, description="How long the way up takes, and the way down.")

    def legs(self, scale: Scale, before: float, name: str) -> Iterator[Leg]:
        peak = scale.of(self.to)
        name = name or f"burst {self.to}"
        if self.ramp > 0:
            yield Leg("burst", f"{name}: up", before, peak, self.ramp)
        yield Leg("burst", name, peak, peak, self.for_s)
        if self.ramp > 0:
            yield Leg("burst", f"{name}: down", peak, before, self.ramp)
        if self.rest > 0:
            yield Leg("burst", f"{name}: rest", before, before, self.rest)

    def after(self, scale: Scale, before: float | None) -> float | None:  # noqa: ARG002 -- protocol
        return before

    def sentences(self, words: Words, before: float | None) -> list[str]:
        origin = "the level before" if before is None else words.short(before)
        peak = words.level(words.scale.of(self.to))
        pace = f" ({words.time(self.ramp)} up, {words.time(self.ramp)} down)" if self.ramp else ""
        rest = f", then rests there for {words.time(self.rest)}" if self.rest else ""
        return [
            f"Bursts from {origin} to {peak} for {words.time(self.for_s)} and back{pace}{rest}."
        ]

    def count(self) -> int:
        return 1 + 2 * (self.ramp > 0) + (self.rest > 0)
