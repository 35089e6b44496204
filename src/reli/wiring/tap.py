"""Hears each request where Locust itself counts it.

Subtleness ahead. Every ``request`` event ends in two methods of ``environment.stats``. A listener
of the event would cost the packing and unpacking of its keywords, twice as much as all that is
measured; even a wrapper around the method costs a call more. So the tap stands in for the method:
it does what Locust's does (count in the total and in the entry) and keeps the time for us.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust.stats import RequestStats as LocustStats

    from reli.stats import RequestStats


class Tap:
    """Stands in for the counting methods of one ``environment.stats``, until it is detached."""

    def __init__(self, locust_stats: LocustStats, ours: RequestStats) -> None:
        self._locust_stats = locust_stats
        locust_error = locust_stats.log_error
        endpoints, begin_endpoint, our_error = ours.endpoints, ours.begin_endpoint, ours.log_error

        def log_request(method: str, name: str, response_time: Any, content_length: int) -> None:
            key = name, method
            # Looked up each time, because Locust replaces both when a test starts again.
            locust_stats.total.log(response_time, content_length)
            locust_stats.entries[key].log(response_time, content_length)
            endpoint = endpoints.get(key) or begin_endpoint(key)
            if content_length or response_time is None:
                endpoint.take(response_time, content_length)
            else:
                endpoint.times_ms.append(response_time)

        def log_error(method: str, name: str, error: Any) -> None:
            locust_error(method, name, error)
            our_error(method, name, error)

        # Attributes of this one object, in front of its class's methods.
        vars(locust_stats).update(log_request=log_request, log_error=log_error)

    def detach(self) -> None:
        """Leave Locust's statistics as they were."""
        del self._locust_stats.log_request, self._locust_stats.log_error
