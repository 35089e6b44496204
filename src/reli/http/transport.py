"""Brings requests to where they go, over connections that are kept."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from reli.http.connection import connect
from reli.http.errors import AnswerTimeoutError, ConnectionClosedError, ConnectTimeoutError
from reli.http.pool import Pool

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from reli.http.connection import Connection
    from reli.http.framing import AnswerReader
    from reli.http.request import Target
    from reli.http.settings import Settings

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})


class Transport:
    """The connections of one user."""

    def __init__(self, tls_context: Callable[[], ssl.SSLContext]) -> None:
        self._tls_context = tls_context
        self._pool = Pool()

    def close(self) -> None:
        """Close the connections; those in use close after their answer."""
        self._pool.close()

    def roundtrip(
        self, target: Target, payload: bytes, settings: Settings, began: float, closes: bool
    ) -> AnswerReader:
        """Send ``payload`` and read the answer, which holds until the next request.

        ``began`` is when the request began, on ``perf_counter``; ``closes`` says that it asks the
        other side to close. Raises an ``HttpError``.
        """
        due = began + settings.answer_timeout_s
        connection = self._pool.take(target.key)
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
        if answer.reusable and not closes:
            self._pool.give(target.key, connection)
        else:
            connection.close()
        return answer

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
