"""Asks a server that speaks HTTP, over one connection that is kept."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.servers import Server


class HttpClient:
    """``path`` serves the load; ``/leaked`` answers with what the program knows that it keeps."""

    def __init__(self, server: Server, path: str = "/", *, tells: bool = True) -> None:
        self._path = path
        self._tells = tells
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(self, number: int) -> None:
        self._get(f"{self._path}?{number}")

    def leaked(self) -> float:
        return float(self._get("/leaked")) if self._tells else 0.0

    def _get(self, path: str) -> bytes:
        try:
            self._connection.request("GET", path)
            return self._connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
