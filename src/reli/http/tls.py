"""TLS over a socket that never blocks: the same waits and deadlines as without it."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from reli.http.errors import TlsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_RECEIVE_BYTES = 65536


def make_context(*, insecure: bool, ca_bundle: str | Path | None) -> ssl.SSLContext:
    """A context that verifies certificates against the system's store or ``ca_bundle``.

    Raises ``ValueError`` when the bundle cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_bundle) if ca_bundle else None)
    except (OSError, ssl.SSLError) as error:
        raise ValueError(f"ca_bundle {ca_bundle} cannot be read: {error.strerror}") from None
    context.set_alpn_protocols(["http/1.1"])
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class TlsSocket:
    """Encrypts what a raw socket carries; ``send`` and ``recv`` are those of a socket.

    ``wait_writable`` waits for the raw socket, and raises when it is too late.
    """

    def __init__(
        self,
        raw: Any,
        context: ssl.SSLContext,
        host: str,
        wait_writable: Callable[[], None],
    ) -> None:
        self._raw = raw
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._wait_writable = wait_writable

    def handshake(self, receive: Callable[[], bytes]) -> None:
        """Agree on a session; ``receive`` waits for raw bytes.

        Raises ``TlsError`` when either side refuses.
        """
        while True:
            try:
                self._session.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                data = receive()
                if not data:
                    raise TlsError("closed within the handshake") from None
                self._incoming.write(data)
            except ssl.SSLError as error:
                raise TlsError(_reason(error)) from None
            else:
                self._flush()
                return

    def send(self, data: bytes | memoryview) -> int:
        """Send all of it."""
        sent = self._session.write(data)
        self._flush()
        return sent

    def recv(self, _size: int) -> bytes:
        """What there is, decrypted; empty at the end.

        Raises ``BlockingIOError`` when no whole record has come, ``TlsError`` for a broken one.
        """
        data = self._raw.recv(_RECEIVE_BYTES)
        if not data:
            return b""
        self._incoming.write(data)
        parts: list[bytes] = []
        try:
            while part := self._session.read(_RECEIVE_BYTES):
                parts.append(part)
        except ssl.SSLWantReadError:
            if not parts:
                raise BlockingIOError from None
        except ssl.SSLZeroReturnError:
            pass
        except ssl.SSLError as error:
            raise TlsError(_reason(error)) from None
        return b"".join(parts)

    def _flush(self) -> None:
        while data := self._outgoing.read():
            view = memoryview(data)
            while view:
                try:
                    view = view[self._raw.send(view) :]
                except BlockingIOError:
                    self._wait_writable()


def _reason(error: ssl.SSLError) -> str:
    """What OpenSSL says, without the line of its source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    return (error.reason or "refused").lower().replace("_", " ")
