"""Hears each request where Locust itself counts it.

Every ``request`` event ends in two methods of ``environment.stats``. Standing in for them costs a
plain call, where a listener of the event costs the packing and unpacking of its keywords: twice
as much as all that is measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust.stats import RequestStats as LocustStats

    from reli.stats import RequestStats


class Tap:
    """Passes what Locust counts on to our statistics, until it is detached."""

    def __init__(self, locust_stats: LocustStats, ours: RequestStats) -> None:
        self._locust_stats = locust_stats
        locust_request, locust_error = locust_stats.log_request, locust_stats.log_error
        our_request, our_error = ours.log_request, ours.log_error

        def log_request(method: str, name: str, response_time: Any, content_length: int) -> None:
            locust_request(method, name, response_time, content_length)
            our_request(method, name, response_time, content_length)

        def log_error(method: str, name: str, error: Any) -> None:
            locust_error(method, name, error)
            our_error(method, name, error)

        # Attributes of this one object, in front of its class's methods.
        vars(locust_stats).update(log_request=log_request, log_error=log_error)

    def detach(self) -> None:
        """Leave Locust's statistics as they were."""
        del self._locust_stats.log_request, self._locust_stats.log_error
