"""One entry of a profile's ``stages``, and ``repeat``, which holds more of them.

A new kind of stage is a file beside this one and a field of ``Stage``.
"""

# ruff: noqa: TC001 -- pydantic reads the annotations at run time

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field

from reli.profile.stages.base import Leg, Scale, StageBody, Strict
from reli.profile.stages.burst import Burst
from reli.profile.stages.hold import Hold
from reli.profile.stages.ramp import Ramp
from reli.profile.stages.step import Step
from reli.profile.values import StageName, Times, WindowName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reli.profile.stages.words import Words


class Repeat(StageBody):
    """Stages that are gone through several times."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"times": 5, "stages": [{"hold": {"for": "1m"}}]}]}
    )

    times: Times = Field(description="How many times.", examples=[5])
    stages: list[Stage] = Field(
        min_length=1,
        description="What is repeated.",
        examples=[[{"burst": {"to": "1000%", "for": "30s", "rest": "1m"}}]],
    )

    def legs(self, scale: Scale, before: float, name: str) -> Iterator[Leg]:
        for _ in range(self.times):
            for leg in unroll(self.stages, scale, before):
                before = leg.to_level
                yield dataclasses.replace(leg, name=f"{name}: {leg.name}") if name else leg

    def after(self, scale: Scale, before: float | None) -> float | None:
        for stage in self.stages:
            before = stage.body.after(scale, before)
        return before

    def sentences(self, words: Words, before: float | None) -> list[str]:
        seconds = sum(leg.seconds for leg in self.legs(words.scale, 0.0, ""))
        first = f"Repeats {self.times} times ({words.time(seconds)} in all):"
        if before is not None and self.times > 1 and self.after(words.scale, before) != before:
            before = None  # the turns start at different levels
        return [first, *(f"  {line}" for line in say_stages(self.stages, words, before))]

    def count(self) -> int:
        return self.times * sum(stage.body.count() for stage in self.stages)


def _exactly_one_kind(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [kind]} for kind in KINDS]


class Stage(Strict):
    """A stage: exactly one kind, and beside it perhaps a name and a window."""

    model_config = ConfigDict(json_schema_extra=_exactly_one_kind)

    name: StageName | None = Field(None, description="What records and reports call it.")
    window: WindowName | None = Field(None, description="The part of the run that it belongs to.")
    ramp: Ramp | None = None
    hold: Hold | None = None
    step: Step | None = None
    burst: Burst | None = None
    repeat: Repeat | None = None

    @property
    def body(self) -> StageBody:
        for kind in KINDS:
            body: StageBody | None = getattr(self, kind)
            if body is not None:
                return body
        raise ValueError("a stage without a kind")


KINDS = ("ramp", "hold", "step", "burst", "repeat")

Repeat.model_rebuild()


def unroll(stages: Sequence[Stage], scale: Scale, before: float = 0.0) -> Iterator[Leg]:
    """The legs of some stages in order, loops unrolled; an inner window goes before an outer."""
    for stage in stages:
        for leg in stage.body.legs(scale, before, stage.name or ""):
            before = leg.to_level
            yield dataclasses.replace(leg, window=leg.window or stage.window)


def say_stages(stages: Sequence[Stage], words: Words, before: float | None = 0.0) -> list[str]:
    """What would happen, a numbered line a stage, stages within a loop indented."""
    lines = []
    for number, stage in enumerate(stages, start=1):
        first, *within = stage.body.sentences(words, before)
        name = f"{stage.name}: " if stage.name else ""
        window = f" Window: {stage.window}." if stage.window else ""
        lines += [f"{number}. {name}{first}{window}", *(f" {line}" for line in within)]
        before = stage.body.after(words.scale, before)
    return lines
