"""Hears each request where Locust itself counts it.

Subtleness ahead. Every ``request`` event ends in two methods of ``environment.stats``. A listener
of the event would cost the packing and unpacking of its keywords, twice as much as all that is
measured; even a wrapper around the method costs a call more. So the tap stands in for the method:
it keeps the time, and Locust's own statistics get all times of a second at once (``show``), which
costs a fraction of counting them one by one.

In the open model the first request of an iteration carries the iteration's start delay: the time
that Locust shows and that budgets judge is counted from the moment that was meant, and the service
time is kept beside it.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

from reli.folding import OTHER_ENDPOINT
from reli.wiring.batch import count_many
from reli.wiring.bounds import has_room
from reli_analysis.record.layout import ARRIVAL, OTHER

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.stats import RequestStats as LocustStats

    from reli.stats import RequestStats


class Tap:
    """Stands in for the counting methods of one ``environment.stats``, until it is detached."""

    def __init__(
        self,
        locust_stats: LocustStats,
        ours: RequestStats,
        take_delay_ms: Callable[[], float] | None = None,
    ) -> None:
        """``take_delay_ms`` is given in the open model: the delay that the next request carries."""
        self._locust_stats = locust_stats
        self._ours = ours
        locust_error = locust_stats.log_error
        endpoints, begin_endpoint, our_error = ours.endpoints, ours.begin_endpoint, ours.log_error

        def log_request(method: str, name: str, response_time: Any, content_length: int) -> None:
            key = name, method
            endpoint = endpoints.get(key) or begin_endpoint(key)
            try:
                endpoint.times_ms.append(response_time)
            except TypeError:  # no number: the request counts without a latency
                endpoint.times_ms.append(nan)
            if content_length:
                endpoint.response_bytes += content_length

        def log_delayed_request(
            method: str, name: str, response_time: Any, content_length: int
        ) -> None:
            assert take_delay_ms is not None
            delay_ms = take_delay_ms()
            try:
                ours.services_ms.append(response_time)
                response_time += delay_ms
            except TypeError:  # no number: counted without a latency, as without a delay
                pass
            log_request(method, name, response_time, content_length)

        def log_lost(error: Exception, age_ms: float) -> None:
            name = f"({type(error).__name__.lower()})"
            log_request(ARRIVAL, name, age_ms, 0)
            log_error(ARRIVAL, name, error)

        self.log_lost = log_lost
        """Counts an arrival that never ran, or never ended, as a failure as long as its wait."""

        def log_error(method: str, name: str, error: Any) -> None:
            if (name, method) not in endpoints and ours.fold((name, method)) == OTHER_ENDPOINT:
                name, method = OTHER_ENDPOINT
            shown = error if has_room(locust_stats, method, name, error) else OTHER
            locust_error(method, name, shown)
            our_error(method, name, error)

        # Attributes of this one object, in front of its class's methods.
        log = log_delayed_request if take_delay_ms else log_request
        vars(locust_stats).update(log_request=log, log_error=log_error)

    def show(self, at_s: float) -> None:
        """Have Locust count what was heard since the last call, as of one wall clock's moment."""
        # Looked up each time, because Locust replaces both when a test starts again.
        total, entries = self._locust_stats.total, self._locust_stats.entries
        for key, endpoint in self._ours.endpoints.items():
            times_ms, response_bytes = endpoint.take_unshown()
            if len(times_ms):
                count_many(total, times_ms, response_bytes, at_s)
                count_many(entries[key], times_ms, response_bytes, at_s)

    def detach(self) -> None:
        """Leave Locust's statistics as they were; what was not shown is not counted there."""
        del self._locust_stats.log_request, self._locust_stats.log_error
