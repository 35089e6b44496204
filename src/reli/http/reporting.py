"""Tells Locust of each request, once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from locust.env import Environment

    from reli.http.response import Response


class Reporter:
    """Fires Locust's ``request`` event, or counts at once when only Locust itself would hear it.

    Subtleness ahead. The event costs more than what most of its listeners do: it copies their list
    and packs ten keywords. Nearly always there is one listener, Locust's own, which hands five of
    them to ``environment.stats``. Which listeners there are is looked up for each request, so one
    that is added later, in the middle of a run too, hears all that follows; so are the methods of
    ``environment.stats``, which others stand in for.
    """

    def __init__(
        self, environment: Environment, user_context: Callable[[], dict[str, Any]]
    ) -> None:
        self._environment = environment
        self._events = environment.events
        self._user_context = user_context
        self._locusts: Any = None

    def report(
        self,
        name: str,
        response: Response,
        error: Exception | None,
        method: str,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        """Report a request under its method and name; a failure when there is an error."""
        handlers = self._events.request._handlers  # noqa: SLF001 -- no public way to ask
        elapsed_ms = response.elapsed_s * 1000
        length = len(response.wire_body)
        if len(handlers) == 1:
            handler = handlers[0]
            if handler is self._locusts:
                stats = self._environment.stats
                # Locust's annotation says int, and it rounds for itself.
                stats.log_request(method, name, elapsed_ms, length)  # type: ignore[arg-type]  # as above
                if error:
                    stats.log_error(method, name, error)
                return
            if _is_locusts_own(handler):
                self._locusts = handler  # from the next request on
        self._events.request.fire(
            request_type=method,
            name=name,
            response_time=elapsed_ms,
            response_length=length,
            response=response,
            context={**self._user_context(), **(context or {})},
            exception=error,
            start_time=time.time() - response.elapsed_s,
            url=response.url,
        )


def _is_locusts_own(handler: Any) -> bool:
    """Whether a listener is the one that a runner of Locust adds, and does what we do for it."""
    code = getattr(handler, "__code__", None)
    known = ("locust.runners", "Runner.__init__.<locals>.on_request")
    return (
        (getattr(handler, "__module__", ""), getattr(handler, "__qualname__", "")) == known
        and code is not None
        and code.co_names == ("stats", "log_request", "log_error")
    )
