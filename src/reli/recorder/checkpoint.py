"""How far a record is written: what a recorder that is started again goes on from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Checkpoint:
    """The state of a record right after an interval was flushed.

    ``sizes`` are the bytes of each file. Intervals up to ``written`` are in ``results.csv``; those
    from ``gathered_from`` on are not in ``requests.csv`` yet, because their endpoints gather for
    ten. ``stage`` and ``window`` are those of the last. ``events`` counts the events from Locust
    that are written, and ``next_sample`` is the first interval that was not sampled.
    """

    sizes: Mapping[str, int]
    written: int = -1
    gathered_from: int = 0
    stage: str = ""
    window: str = ""
    events: int = 0
    next_sample: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Checkpoint:
        return cls(**data)
