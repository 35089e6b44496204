"""Redis: keys that never expire, a cache with a cap, clients that are never closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import redis
from real_programs.case import FDS, RSS, Case

from support.databases import Redis

if TYPE_CHECKING:
    from pathlib import Path

    from support.servers import Server

_VALUE = bytes(4096)
_KEYS = 100
_CAP_BYTES = 4 << 20
_ONE_IN = 10


class Capped(Redis):
    """Forgets what was least recently used once it holds 4 MiB."""

    def command(self) -> list[str]:
        policy = ["--maxmemory", str(_CAP_BYTES), "--maxmemory-policy", "allkeys-lru"]
        return [*super().command(), *policy]


class _Client:
    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._redis: Any = self._connected()

    def _connected(self) -> Any:
        return redis.Redis(host="127.0.0.1", port=self._port, socket_timeout=30)

    def leaked(self) -> float:
        return float(self._redis.info("memory")["used_memory"])


class NewKeys(_Client):
    """Every request leaves a key for ever."""

    def ask(self, number: int) -> None:
        self._redis.set(f"key:{number}", _VALUE)


class SameKeys(_Client):
    """Every request replaces one of 100 keys, which expire."""

    def ask(self, number: int) -> None:
        self._redis.set(f"key:{number % _KEYS}", _VALUE, ex=30)


class HeldConnections(_Client):
    """One request in ten opens a connection that is never closed."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._held: list[Any] = []

    def ask(self, number: int) -> None:
        self._redis.get("key")
        if number % _ONE_IN == 0:
            self._held.append(self._connected())
            self._held[-1].ping()

    def leaked(self) -> float:
        return len(self._held)


def _server(home: Path) -> Redis:
    return Redis(home)


CASES = (
    Case("Redis", "keys replaced, with expiry", _server, SameKeys),
    Case("Redis", "a cache that fills to its cap", Capped, NewKeys),
    Case("Redis", "keys kept for ever", _server, NewKeys, RSS),
    Case("Redis", "clients that never close", _server, HeldConnections, FDS),
)
