"""``hold``: one level for a time."""

# ruff: noqa: TC001 -- pydantic reads the annotations at run time

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from reli.profile.stages.base import Leg, Scale, StageBody
from reli.profile.values import Duration, LevelField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli.profile.stages.words import Words


class Hold(StageBody):
    """One level for a time: ``at``, or else the level before."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"at": "100%", "for": "5m"}]})

    at: LevelField | None = Field(None, description="The level; without it, the one before.")
    for_s: Duration = Field(alias="for", description="How long it lasts.", examples=["5m"])

    def legs(self, scale: Scale, before: float, name: str) -> Iterator[Leg]:
        level = before if self.at is None else scale.of(self.at)
        label = scale.label(level) if self.at is None else str(self.at)
        yield Leg("hold", name or f"hold {label}", level, level, self.for_s)

    def after(self, scale: Scale, before: float | None) -> float | None:
        return before if self.at is None else scale.of(self.at)

    def sentences(self, words: Words, before: float | None) -> list[str]:
        level = self.after(words.scale, before)
        shown = "that level" if level is None else words.level(level)
        return [f"Holds {shown} for {words.time(self.for_s)}."]
