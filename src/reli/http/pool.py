"""Connections that wait for their next request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli.http.connection import Connection

_MOST_IDLE = 100


class Pool:
    """The idle connections of one user, by origin; the newest is taken first."""

    def __init__(self) -> None:
        self._idle: dict[str, list[Connection]] = {}
        self._closed = False

    def take(self, origin: str) -> Connection | None:
        """A connection that nothing has come over since its last answer, if there is one."""
        connections = self._idle.get(origin)
        while connections:
            connection = connections.pop()
            if not connection.unasked:
                return connection
            connection.close()
        return None

    def give(self, origin: str, connection: Connection) -> None:
        """Keep a connection; when there are too many, the others are closed."""
        if self._closed:
            connection.close()
            return
        connections = self._idle.get(origin)
        if connections is None:
            if len(self._idle) >= _MOST_IDLE:
                self._close_all()
            connections = self._idle[origin] = []
        if len(connections) >= _MOST_IDLE:
            connections.pop(0).close()
        connections.append(connection)

    def close(self) -> None:
        """Close what is idle now, and what comes later."""
        self._closed = True
        self._close_all()

    def _close_all(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()
