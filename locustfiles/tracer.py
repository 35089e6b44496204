"""Puts a tracer SDK under load and proves that its spans arrive.

    locust -f locustfiles/tracer.py --headless                        the smoke profile, a minute
    locust -f locustfiles/tracer.py --headless --load-profile load    another profile
    locust -f locustfiles/tracer.py --headless -u 50 -r 10 -t 2m      Locust's own load

RELI_COLLECTOR_MODE=slow:3s (or down, flaky:20%, ...) breaks the collector that the SDK sends to;
``python -m pydoc reli.backends.otlp.modes`` lists the ways. OTEL_BSP_* sets up the SDK as usual.
"""

from __future__ import annotations

import uuid
from typing import cast

from locust import between, events, task

from reli.services.tracer import TracerService
from reli.users import ServiceUser
from reli.wiring import install

install(events, service=TracerService, profiles="tracer")

PAYLOAD = "x" * 10_240


class TracerUser(ServiceUser):
    """Makes spans as an instrumented program does, most of them small."""

    request_type = "SPAN"
    wait_time = between(0.01, 0.1)

    def on_start(self) -> None:
        """Take this process's tracer; it was built after any fork."""
        self.tracer = cast("TracerService", self.service).tracer
        self.user_id = uuid.uuid4().hex

    @task(10)
    def simple(self) -> None:
        with self.measure("simple"), self.tracer.start_as_current_span("simple"):
            pass

    @task(5)
    def attributes(self) -> None:
        with self.measure("attributes"), self.tracer.start_as_current_span("attributes") as span:
            span.set_attribute("user.id", self.user_id)
            span.set_attribute("cart.items", 3)
            span.set_attribute("cart.tags", ["new", "gift"])

    @task(3)
    def span_events(self) -> None:
        with self.measure("events"), self.tracer.start_as_current_span("events") as span:
            span.add_event("cache.miss", {"key": self.user_id})
            span.add_event("retry", {"attempt": 1})

    @task(2)
    def nested(self) -> None:
        start = self.tracer.start_as_current_span
        with self.measure("nested"), start("checkout"):
            with start("price"):
                pass
            with start("payment"):
                pass

    @task(1)
    def large_payload(self) -> None:
        with self.measure("large payload"), self.tracer.start_as_current_span("large") as span:
            span.set_attribute("payload", PAYLOAD)
