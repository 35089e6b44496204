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
    """How often the targets are sampled, and what is left free on the record's disk."""

    interval_s: float
    uss_every_s: float
    disk_reserve_bytes: float | None


@dataclass(frozen=True)
class Profile:
    """A load profile.

    ``legs`` are the stages unrolled, before ``time_scale``, each with its name and window.
    ``load_unit`` is the unit of their levels: ``"iterations/s"`` or ``"users"``. ``written`` holds
    the stages as in the file. ``base_rate_per_s`` is ``None`` where nothing refers to it.
    ``arrivals``, ``users`` and ``drop_after_s`` have a meaning where ``model`` is ``"open"``.
    """

    name: str
    path: Path
    extends: tuple[Path, ...]
    description: str
    model: str
    load_unit: str
    base_rate_per_s: float | None
    pace_per_s: float
    arrivals: str
    users: int
    drop_after_s: float
    time_scale: float
    stages: tuple[Stage, ...]
    legs: tuple[Leg, ...]
    budgets: tuple[str, ...]
    targets: tuple[str, ...]
    sampling: SamplingPlan
    seed: int
    written: tuple[dict[str, Any], ...]

    @property
    def is_open(self) -> bool:
        return self.model == "open"

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
            **self._model_keys(),
            "time_scale": self.time_scale,
            "stages": list(self.written),
            "budgets": list(self.budgets),
            "targets": list(self.targets),
            "sampling": dataclasses.asdict(self.sampling),
            "seed": self.seed,
        }

    def _model_keys(self) -> dict[str, Any]:
        if not self.is_open:
            return {"pace_per_s": self.pace_per_s}
        return {
            "arrivals": self.arrivals,
            "users": self.users,
            "drop_after_s": self.drop_after_s,
        }
