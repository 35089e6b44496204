"""Fetches one page over HTTP for a source, with a bound on everything: time, size, redirects.

It waits in the thread that calls it, so that is one of the source's own. Proxies of the
environment are not asked: what is measured is near.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.http.decoding import decode
from reli.http.errors import (
    AnswerTimeoutError,
    BadRedirectError,
    BadStatusError,
    ConnectError,
    ConnectionClosedError,
    ConnectTimeoutError,
    TlsError,
    TruncatedAnswerError,
)
from reli.http.fields import encode_fields
from reli.http.framing import AnswerReader
from reli.http.headers import Headers, final_head

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.http.url import Origin

MIB = 1024 * 1024
_RECEIVE_BYTES = 65536
_MOST_HEAD_BYTES = 64 * 1024
_MOST_ADDRESSES = 4


@dataclass(frozen=True)
class Page:
    """What came, decoded, and when it was asked for and came, on ``time.monotonic``."""

    content: bytes
    asked_s: float
    came_s: float


class Fetcher:
    """Gets pages of one origin, one at a time, over a connection that is kept.

    ``timeout_s`` is for a page as a whole; ``most_bytes`` bounds it as it comes and, at four times
    that, decoded.
    """

    def __init__(
        self,
        origin: Origin,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        most_bytes: int = 16 * MIB,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._origin = origin
        self._fields = (
            f"Host: {origin.authority}\r\n".encode("ascii")
            + encode_fields({"Accept-Encoding": "gzip", **headers}.items()).encoded
        )
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._context = context
        self._socket: socket.socket | None = None

    def get(self, target: str) -> Page:
        """The page at a path (with its query).

        Raises an ``HttpError``: also for a redirect, and for any status but 200.
        """
        asked_s = time.monotonic()
        due_s = asked_s + self._timeout_s
        request = f"GET {target} HTTP/1.1\r\n".encode("ascii") + self._fields + b"\r\n"
        kept = self._socket is not None
        try:
            try:
                answer = self._exchange(request, due_s)
            except ConnectionClosedError:
                if not kept:
                    raise
                # The other side let go of an idle connection: that says nothing of the page.
                self.close()
                answer = self._exchange(request, due_s)
        except BaseException:
            self.close()
            raise
        came_s = time.monotonic()
        if not answer.reusable:
            self.close()
        return Page(self._content(answer), asked_s, came_s)

    def close(self) -> None:
        """Let go of the connection; the next page takes a new one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def interrupt(self) -> None:
        """Have another thread's ``get`` end now."""
        if (kept := self._socket) is not None:
            with contextlib.suppress(OSError):
                kept.shutdown(socket.SHUT_RDWR)

    def _content(self, answer: AnswerReader) -> bytes:
        if 300 <= answer.status < 400:
            raise BadRedirectError(f"a redirect (status {answer.status}), which is not followed")
        if answer.status != 200:
            raise BadStatusError(answer.status)
        coding = Headers(final_head(answer.raw)).get("content-encoding", "")
        return decode(answer.body, coding, 4 * self._most_bytes) if coding else answer.body

    def _exchange(self, request: bytes, due_s: float) -> AnswerReader:
        connection = self._socket
        if connection is None:
            connection = self._socket = self._connect(due_s)
        answer = AnswerReader(_MOST_HEAD_BYTES, self._most_bytes)
        answer.begin("GET")
        try:
            connection.settimeout(_left_s(due_s))
            connection.sendall(request)
            whole = False
            while not whole:
                connection.settimeout(_left_s(due_s))
                whole = answer.feed(connection.recv(_RECEIVE_BYTES))
        except TimeoutError:
            raise AnswerTimeoutError("no whole answer in time") from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            if answer.received_bytes:
                raise TruncatedAnswerError(reason) from None
            raise ConnectionClosedError(reason) from None
        return answer

    def _connect(self, due_s: float) -> socket.socket:
        try:
            raw = _dial(self._origin, due_s)
        except TimeoutError:
            raise ConnectTimeoutError("no connection in time") from None
        except socket.gaierror as error:
            raise ConnectError(f"the name is not known: {error.strerror}") from None
        except (OSError, UnicodeError) as error:
            raise ConnectError(getattr(error, "strerror", None) or str(error)) from None
        if self._context is None:
            return raw
        try:
            raw.settimeout(_left_s(due_s))
            return self._context.wrap_socket(raw, server_hostname=self._origin.host)
        except ssl.SSLCertVerificationError as error:
            raw.close()
            raise TlsError(f"certificate refused: {error.verify_message}") from None
        except TimeoutError:
            raw.close()
            raise ConnectTimeoutError("no TLS session in time") from None
        except OSError as error:
            raw.close()
            reason = getattr(error, "reason", None) or error.strerror or "refused"
            raise TlsError(str(reason).lower().replace("_", " ")) from None


def _dial(origin: Origin, due_s: float) -> socket.socket:
    """Connect to the first address of the host that lets us."""
    found = socket.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
    refused: OSError = OSError("it has no address")
    for family, kind, protocol, _, address in found[:_MOST_ADDRESSES]:
        raw = socket.socket(family, kind, protocol)
        try:
            raw.settimeout(_left_s(due_s))
            raw.connect(address)
        except OSError as error:
            raw.close()
            refused = error
        else:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return raw
    raise refused


def _left_s(due_s: float) -> float:
    left_s = due_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s
