"""Brings requests to where they go, over connections that are kept."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from reli.http.connection import connect
from reli.http.errors import AnswerTimeoutError, ConnectionClosedError, ConnectTimeoutError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from reli.http.connection import Connection
    from reli.http.framing import AnswerReader
    from reli.http.request import Target
    from reli.http.settings import Settings

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
_MOST_ORIGINS = 100


class Transport:
    """The connections of one user; those that wait for a request are kept by origin."""

    def __init__(self, tls_context: Callable[[], ssl.SSLContext]) -> None:
        self._tls_context = tls_context
        self._idle: dict[str, list[Connection]] = {}
        self._closed = False

    def close(self) -> None:
        """Close the connections; those in use close after their answer."""
        self._closed = True
        self._close_idle()

    def roundtrip(
        self, target: Target, payload: bytes, settings: Settings, began: float, closes: bool
    ) -> AnswerReader:
        """Send ``payload`` and read the answer, which holds until the next request.

        ``began`` is when the request began, on ``perf_counter``; ``closes`` says that it asks the
        other side to close. Raises an ``HttpError``.
        """
        due = began + settings.answer_timeout_s
        key = target.key
        idle = self._idle.get(key)
        connection = idle.pop() if idle else None
        while connection is not None and connection.unasked:
            # The other side has closed it, or said what is no answer of ours.
            connection.close()
            connection = idle.pop() if idle else None
        if connection is None:
            connection, first_byte_due = self._connect(target, settings, due)
            answer = connection.exchange(target.method, payload, first_byte_due, due)
        else:
            try:
                answer = connection.exchange(
                    target.method, payload, began + settings.first_wait_s, due
                )
            except ConnectionClosedError as error:
                # The other side let go of an idle connection: that says nothing of the request,
                # unless it could have reached it and would count twice.
                if error.sent_bytes and target.method not in _REPEATABLE:
                    raise
                connection, first_byte_due = self._connect(target, settings, due)
                answer = connection.exchange(target.method, payload, first_byte_due, due)
        if not answer.reusable or closes or self._closed:
            connection.close()
        elif key in self._idle:
            self._idle[key].append(connection)
        else:
            self._keep_first(key, connection)
        return answer

    def _keep_first(self, key: str, connection: Connection) -> None:
        if len(self._idle) >= _MOST_ORIGINS:
            self._close_idle()
        self._idle[key] = [connection]

    def _close_idle(self) -> None:
        for connections in self._idle.values():
            for connection in connections:
                connection.close()
        self._idle.clear()

    def _connect(self, target: Target, settings: Settings, due: float) -> tuple[Connection, float]:
        """A new connection, and until when it has for the first byte of its answer."""
        left_s = due - perf_counter()
        if left_s <= 0:
            raise AnswerTimeoutError("no whole answer in time")
        context = self._tls_context() if target.origin.scheme == "https" else None
        wait_s = min(settings.connect_timeout_s, left_s)
        try:
            connection = connect(target.origin, settings, wait_s, context)
        except ConnectTimeoutError:
            if left_s < settings.connect_timeout_s:
                raise AnswerTimeoutError("no whole answer in time") from None
            raise
        return connection, min(perf_counter() + settings.first_byte_timeout_s, due)
