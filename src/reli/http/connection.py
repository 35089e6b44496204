"""One connection: it sends a request and waits for the answer, no longer than it may.

Subtleness ahead. A wait through gevent's sockets starts and stops a watcher, and a timeout one
more, for each request. Here both stay: one watcher tells whenever there is something to read, and
one timer per connection, set for the earliest deadline, looks when it fires whether the deadline
has moved on meanwhile. A request only writes its deadline down.
"""

from __future__ import annotations

import _socket
import math
from time import perf_counter
from typing import TYPE_CHECKING, Any

import gevent
from gevent import get_hub, getcurrent
from gevent import socket as gevent_socket

from reli.http.errors import (
    AnswerTimeoutError,
    ConnectError,
    ConnectionClosedError,
    ConnectTimeoutError,
    FirstByteTimeoutError,
    TruncatedAnswerError,
)
from reli.http.framing import AnswerReader
from reli.http.tls import TlsSocket

if TYPE_CHECKING:
    import ssl

    from reli.http.settings import Settings
    from reli.http.url import Origin

_READ, _WRITE = 1, 2
_RECEIVE_BYTES = 65536
_EARLY_S = 0.001  # the loop's clock and ours differ by less


class _TooLateError(Exception):
    """A deadline has passed; the caller knows which."""


def connect(
    origin: Origin, settings: Settings, timeout_s: float, context: ssl.SSLContext | None
) -> Connection:
    """Connect to an origin, with TLS when there is a context.

    Raises ``ConnectError``, ``ConnectTimeoutError`` or ``TlsError``.
    """
    due = perf_counter() + timeout_s
    address = (origin.host, origin.port)
    try:
        with gevent.Timeout(timeout_s, _TooLateError):
            opened = gevent_socket.create_connection(address)
    except _TooLateError:
        raise ConnectTimeoutError("no connection in time") from None
    except gevent_socket.gaierror as error:
        raise ConnectError(f"the name is not known: {error.strerror}") from None
    except (OSError, UnicodeError) as error:
        raise ConnectError(getattr(error, "strerror", None) or str(error)) from None
    connection = Connection(_socket.socket(fileno=opened.detach()), settings)
    if context is not None:
        try:
            connection.start_tls(context, origin.host, due)
        except BaseException:
            connection.close()
            raise
    return connection


class Connection:
    """A connected socket with its reader of answers; one greenlet at a time may use it."""

    __slots__ = (
        "_due",
        "_idle_callback",
        "_loop",
        "_raw",
        "_recv",
        "_resume",
        "_send",
        "_timer",
        "_timer_due",
        "_to_loop",
        "_too_late",
        "_watcher",
        "answer",
        "closed",
        "unasked",
    )

    def __init__(self, raw: _socket.socket, settings: Settings) -> None:
        raw.setblocking(False)
        raw.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self._raw = raw
        self._send: Any = raw.send
        self._recv: Any = raw.recv
        self.answer = AnswerReader(settings.max_header_bytes, settings.max_body_bytes)
        self.closed = False
        hub = get_hub()
        self._loop = hub.loop
        self._to_loop = hub.switch  # and back again, when the loop resumes who waits
        self._resume: Any = None
        self.unasked = self._too_late = False
        self._due = self._timer_due = math.inf
        self._timer: Any = None
        self._watcher: Any = self._loop.io(raw.fileno(), _READ)
        self._idle_callback: Any = self._on_unasked
        self._watcher.start(self._idle_callback)

    def start_tls(self, context: ssl.SSLContext, host: str, due: float) -> None:
        """Speak TLS from now on; ``due`` is on ``perf_counter``."""
        secured = TlsSocket(self._raw, context, host, self._wait_writable)
        self._due = due
        self._set_timer()
        try:
            secured.handshake(self._receive)
        except _TooLateError:
            raise ConnectTimeoutError("no TLS session in time") from None
        except OSError as error:
            raise ConnectError(f"closed within the TLS handshake: {error.strerror}") from None
        self._send, self._recv = secured.send, secured.recv

    def exchange(
        self, method: str, request: bytes, first_byte_due: float, due: float
    ) -> AnswerReader:
        """Send a request and read its answer.

        The first byte has until ``first_byte_due``, and longer by what sending takes; the whole
        answer has until ``due``. Both are on ``perf_counter``. Raises an ``HttpError``; whatever is
        raised, the connection is closed then.
        """
        answer = self.answer
        answer.begin(method)
        sent = 0
        try:
            try:
                sent = self._send(request)
            except BlockingIOError:
                sent = 0
            if sent != len(request):
                began = perf_counter()
                sent = self._send_rest(request, sent, due)
                first_byte_due = min(first_byte_due + perf_counter() - began, due)
            self._due = first_byte_due
            if first_byte_due < self._timer_due:
                self._set_timer()
            if not answer.feed(self._receive()):
                self._due = due
                while not answer.feed(self._receive()):
                    pass
        except BaseException as error:  # noqa: BLE001 -- it is raised again, or what it means
            self.close()
            early = not answer.received_bytes and sent == len(request) and self._due < due
            raise _explain(error, answer, sent, early=early) from None
        if sent != len(request):
            answer.reusable = False  # it answered before it had heard all
        return answer

    def close(self) -> None:
        """Release the socket and what watches it; closing again does nothing."""
        if self.closed:
            return
        self.closed = True
        self._watcher.close()
        self._idle_callback = None  # which held the connection itself
        if self._timer is not None:
            self._timer.close()
        self._raw.close()

    def _receive(self) -> bytes:
        """Wait for what comes next; empty at the end of the stream."""
        while True:
            if self.unasked:
                self.unasked = False
                self._watcher.start(self._idle_callback)
            else:
                watcher = self._watcher
                watcher.callback = self._resume = getcurrent().switch
                try:
                    self._to_loop()
                finally:
                    watcher.callback = self._idle_callback
                    self._resume = None
                if self._too_late:
                    raise _TooLateError
            try:
                return self._recv(_RECEIVE_BYTES)  # type: ignore[no-any-return]  # a socket's
            except BlockingIOError:
                continue

    def _send_rest(self, request: bytes, sent: int, due: float) -> int:
        """Send what the first try left; how much went out before the other side stopped reading.

        It may have answered early, so that is no failure yet.
        """
        rest = memoryview(request)[sent:]
        self._due = due
        self._set_timer()
        while rest:
            try:
                rest = rest[self._send(rest) :]
            except BlockingIOError:
                self._wait_writable()
            except OSError:
                if len(rest) == len(request):
                    raise
                break
        return len(request) - len(rest)

    def _wait_writable(self) -> None:
        watcher = self._loop.io(self._raw.fileno(), _WRITE)
        self._resume = getcurrent().switch
        watcher.start(self._resume)
        try:
            self._to_loop()
        finally:
            self._resume = None
            watcher.close()
        if self._too_late:
            raise _TooLateError

    # What the loop calls, in its own greenlet.

    def _on_unasked(self) -> None:
        """Nobody waits: the other side has closed, or sent what belongs to no request."""
        self.unasked = True
        self._watcher.stop()

    def _set_timer(self) -> None:
        """Have the timer fire when the deadline is due, unless it fires before."""
        if self._due >= self._timer_due:
            return
        if self._timer is not None:
            self._timer.close()
        self._timer_due = self._due
        self._timer = self._loop.timer(max(self._due - perf_counter(), 0) + _EARLY_S)
        self._timer.start(self._on_timer, update=True)

    def _on_timer(self) -> None:
        self._timer_due = math.inf
        resume = self._resume
        if resume is None:
            return  # idle: the next request sets it again
        if perf_counter() < self._due:
            self._set_timer()
            return
        self._too_late = True
        resume()


def _explain(
    error: BaseException, answer: AnswerReader, sent: int, *, early: bool
) -> BaseException:
    """What an exchange ended in, as an ``HttpError``; what is none of ours stays what it is."""
    if isinstance(error, _TooLateError):
        if early:
            return FirstByteTimeoutError("no answer in time")
        return AnswerTimeoutError("no whole answer in time")
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        if answer.received_bytes:
            return TruncatedAnswerError(reason)
        return ConnectionClosedError(reason, sent)
    if isinstance(error, ConnectionClosedError):
        error.sent_bytes = sent
    return error
