"""One program under load, and what is known of it without measuring its process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.servers import Server

RSS, FDS = "rss_bytes", "fds"


class Client(Protocol):
    """Asks a server of one kind."""

    def ask(self, number: int) -> None:
        """Make the request of that number, counted from 0."""

    def leaked(self) -> float:
        """How much the program holds by its own account; only differences count."""


@dataclass(frozen=True)
class Case:
    """``leaks`` names the column that grows for ever, ``None`` for a healthy program.

    ``begins_s`` is when it begins to. ``restarts`` are shares of the recorded time at which the server is killed and started again.
    """

    program: str
    does: str
    server: Callable[[Path], Server]
    client: Callable[[Server], Client]
    leaks: str | None = None
    begins_s: float = 0.0
    restarts: tuple[float, ...] = ()
