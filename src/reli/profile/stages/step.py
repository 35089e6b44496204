"""``step``: a staircase of levels, each held for the same time."""

# ruff: noqa: TC001 -- pydantic reads the annotations at run time

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from reli.profile.stages.base import Leg, Scale, StageBody
from reli.profile.values import Duration, LevelField, Steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli.profile.stages.words import Words


class Step(StageBody):
    """A staircase from one level to another, each step held for the same time."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from": "150%", "to": "200%", "steps": 3, "each": "2m"}]}
    )

    from_: LevelField = Field(alias="from", description="The first step.", examples=["150%"])
    to: LevelField = Field(description="The last step.", examples=["200%"])
    steps: Steps = Field(description="How many steps, the first and last included.", examples=[3])
    each: Duration = Field(description="How long each step lasts.", examples=["2m"])

    def _levels(self, scale: Scale) -> list[float]:
        low, high = scale.of(self.from_), scale.of(self.to)
        return [scale.between(low, high, at / (self.steps - 1)) for at in range(self.steps)]

    def legs(self, scale: Scale, before: float, name: str) -> Iterator[Leg]:  # noqa: ARG002 -- protocol
        for level in self._levels(scale):
            yield Leg("step", f"{name or 'step'} {scale.label(level)}", level, level, self.each)

    def after(self, scale: Scale, before: float | None) -> float | None:  # noqa: ARG002 -- protocol
        return scale.of(self.to)

    def sentences(self, words: Words, before: float | None) -> list[str]:  # noqa: ARG002 -- protocol
        levels = self._levels(words.scale)
        total = words.time(self.each * self.steps)
        return [f"Steps {words.steps(levels)}, each for {words.time(self.each)} ({total} in all)."]

    def count(self) -> int:
        return self.steps
