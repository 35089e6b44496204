"""``ramp``: from the level before to another one, in a straight line."""

# ruff: noqa: TC001 -- pydantic reads the annotations at run time

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from reli.profile.stages.base import Leg, Scale, StageBody
from reli.profile.values import Duration, LevelField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli.profile.stages.words import Words


class Ramp(StageBody):
    """From the level before (0 at first) to another one, in a straight line."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "100%", "for": "1m"}]})

    to: LevelField = Field(description="The level to reach.", examples=["100%"])
    for_s: Duration = Field(alias="for", description="How long it takes.", examples=["1m"])

    def legs(self, scale: Scale, before: float, name: str) -> Iterator[Leg]:
        to = scale.of(self.to)
        yield Leg("ramp", name or f"ramp to {self.to}", before, to, self.for_s)

    def after(self, scale: Scale, before: float | None) -> float | None:  # noqa: ARG002 -- protocol
        return scale.of(self.to)

    def sentences(self, words: Words, before: float | None) -> list[str]:
        origin = "" if before is None else f"from {words.short(before)} "
        to = words.level(words.scale.of(self.to))
        return [f"Ramps {origin}to {to} over {words.time(self.for_s)}."]
