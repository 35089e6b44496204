"""A profile as the rest of reli sees it: validated, resolved, unchanging."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from reli.profile.stages import Leg, Stage


@dataclass(frozen=True)
class SamplingPlan:
    """How often the targets are sampled."""

    interval_s: float
    uss_every_s: float


@dataclass(frozen=True)
class Profile:
    """A load profile.

    ``legs`` are the stages unrolled, before ``time_scale``, each with its name and window.
    ``load_unit`` is the unit of their levels: ``"iterations/s"`` or ``"users"``. ``written`` holds
    the stages as in the file. ``base_rate_per_s`` is ``None`` where nothing refers to it.
    """

    name: str
    path: Path
    extends: tuple[Path, ...]
    description: str
    model: str
    load_unit: str
    base_rate_per_s: float | None
    pace_per_s: float
    time_scale: float
    stages: tuple[Stage, ...]
    legs: tuple[Leg, ...]
    budgets: tuple[str, ...]
    targets: tuple[str, ...]
    sampling: SamplingPlan
    seed: int
    written: tuple[dict[str, Any], ...]

    def resolved(self) -> dict[str, Any]:
        """The profile after ``extends`` and overrides, as JSON values for ``run.json``."""
        return {
            "name": self.name,
            "path": str(self.path),
            "extends": [str(path) for path in self.extends],
            "description": self.description,
            "model": self.model,
            "load_unit": self.load_unit,
            "base_rate_per_s": self.base_rate_per_s,
            "pace_per_s": self.pace_per_s,
            "time_scale": self.time_scale,
            "stages": list(self.written),
            "budgets": list(self.budgets),
            "targets": list(self.targets),
            "sampling": dataclasses.asdict(self.sampling),
            "seed": self.seed,
        }
