"""A server on loopback that does what its script says, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from typing import Any, Self

import gevent
from gevent.server import StreamServer

Step = bytes | Callable[[Any], object]
"""Bytes to send, or something to do with the connection."""

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def read(connection: Any) -> bytes:
    """Take one request, its body included, if it has a length."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise EOFError
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reset(connection: Any) -> None:
    """End with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    raise EOFError


def close(_connection: Any) -> None:
    """End here, whatever the script has left."""
    raise EOFError


def pause(seconds: float) -> Step:
    """Send nothing for a while."""
    return lambda _connection: gevent.sleep(seconds)


def drip(data: bytes, every_s: float = 0.05) -> Step:
    """One byte at a time, and the last for ever."""

    def send(connection: Any) -> None:
        for at in range(10**9):
            connection.sendall(data[at : at + 1] or data[-1:])
            gevent.sleep(every_s)

    return send


def flood(data: bytes) -> Step:
    """The same for ever, as fast as it is taken."""

    def send(connection: Any) -> None:
        while True:
            connection.sendall(data)

    return send


class ScriptedServer:
    """Each connection runs the next script; when there is no more, requests are answered well.

    ``requests`` holds what was asked, in order; ``accepted`` counts connections.
    """

    def __init__(self, *scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> None:
        self._scripts = list(scripts)
        self.requests: list[bytes] = []
        self.accepted = 0
        self._scheme = "https" if tls else "http"
        options: Any = {"ssl_context": tls} if tls else {}
        self._server = StreamServer(("127.0.0.1", 0), self._serve, **options)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_others: object) -> None:
        self._server.stop(timeout=0)
        for greenlet in list(self._server.pool or ()):
            greenlet.kill()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def _serve(self, connection: Any, _address: Any) -> None:
        self.accepted += 1
        script = self._scripts.pop(0) if self._scripts else None
        with contextlib.suppress(EOFError, OSError):
            if script is None:
                while True:
                    self._do(connection, read)
                    self._do(connection, OK)
            for step in script:
                self._do(connection, step)
        with contextlib.suppress(OSError):
            connection.close()

    def _do(self, connection: Any, step: Step) -> None:
        if isinstance(step, bytes):
            connection.sendall(step)
        elif step is read:
            self.requests.append(read(connection))
        else:
            step(connection)
