"""A small HTTP server of its own threads, whose next answers a test decides byte by byte."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Self

Behaviour = Callable[[socket.socket], object]
"""What to do with a connection on which a request has come."""


def answer(
    body: str | bytes, status: str = "200 OK", headers: Mapping[str, str] | None = None
) -> Behaviour:
    """A whole answer."""
    content = body.encode() if isinstance(body, str) else body
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    return lambda connection: connection.sendall(head.encode() + content)


def zipped(body: str) -> Behaviour:
    """A whole answer in gzip."""
    return answer(gzip.compress(body.encode()), headers={"Content-Encoding": "gzip"})


def hang(connection: socket.socket) -> None:
    """Say nothing until the other side leaves."""
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    """A byte at a time, for ever."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000:
        connection.sendall(bytes([byte]))
        threading.Event().wait(0.02)


def flood(connection: socket.socket) -> None:
    """More than anyone wants, as fast as it is taken."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"a 1\n" * 0x4000 + b"\r\n"
    while True:
        connection.sendall(chunk)


class MetricsServer:
    """Answers each request with the next of ``behaviours``, and from the last on with that."""

    def __init__(self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self._lock = threading.Lock()
        self._behaviours = list(behaviours)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_others: object) -> None:
        # Closing alone would not wake who waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/metrics"

    def now(self, *behaviours: Behaviour) -> None:
        """From the next request on."""
        with self._lock:
            self._behaviours = list(behaviours)

    def _next(self) -> Behaviour:
        with self._lock:
            return self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=[connection], daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection:
                while True:
                    self.requests.append(_request(connection))
                    self._next()(connection)


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            raise EOFError
        data += part
    return data


def counting(pages: Iterable[str]) -> list[Behaviour]:
    """One whole answer for each page."""
    return [answer(page) for page in pages]
