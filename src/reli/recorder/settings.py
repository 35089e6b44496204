"""How a record is made, beside what ``run.json`` says of the run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reli.recorder.checkpoint import Checkpoint

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Settings:
    """``parent`` is the directory in which the record's own is made.

    ``memory_map_every_s`` is how often USS and PSS may be read. ``disk_reserve_bytes`` is what the
    record leaves free on its disk, ``None`` for the default. ``show_progress`` is a line on
    standard error; ``metrics_port`` serves Prometheus on ``metrics_host``.
    """

    parent: str
    memory_map_every_s: float = 60.0
    disk_reserve_bytes: float | None = None
    show_progress: bool = False
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Resume:
    """A record whose recorder was killed, how far it was written, and what ended the recorder."""

    directory: str
    at: Checkpoint
    cause: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Resume:
        return cls(data["directory"], Checkpoint.from_json(data["at"]), data["cause"])
