"""What Locust's processes tell each other about a run, beside Locust's own messages.

A part goes out at the end of each interval, not with Locust's report every three seconds: a
worker that is killed then takes at most one interval with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

JOIN = "reli_join"
"""A worker to the coordinator: is there a run?"""

BEGIN = "reli_begin"
"""Coordinator to load processes: a run begins; carries a :class:`Begin`."""

END = "reli_end"
"""Coordinator to load processes: stop the users, drain, report the rest."""

HELLO = "reli_hello"
"""Load process to coordinator: carries a :class:`Hello`."""

READY = "reli_ready"
"""Load process to coordinator: its users wait for arrivals (open model)."""

SHARE = "reli_share"
"""Coordinator to a load process: carries an ``arrivals.Share`` (open model)."""

PART = "reli_part"
"""Load process to coordinator: carries an ``intervals.Part``."""

FINAL = "reli_final"
"""Load process to coordinator: its last part was sent; carries the error that ended it, or ""."""


@dataclass(frozen=True)
class Begin:
    """A run as its load processes need to know it; ``plan`` is ``None`` for Locust's own load."""

    run_id: str
    start_s: float
    started_wall_s: float
    boot_id: str
    interval_s: float
    seed: int
    plan: dict[str, Any] | None

    def to_wire(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Begin:
        return cls(**data)


@dataclass(frozen=True)
class Hello:
    """A load process introduces itself; the recorder samples it when it is on the same host."""

    pid: int
    host: str
    boot_id: str

    def to_wire(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Hello:
        return cls(**data)
