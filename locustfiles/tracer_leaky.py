"""The tracer under load with a task that keeps what it makes: see the verdict fail.

    locust -f locustfiles/tracer_leaky.py --headless --load-profile smoke

Each leak is 1 MiB. The smoke profile makes some 200 of them; a profile with more load fills the
machine's memory.
"""

from __future__ import annotations

from locust import task

# Importing the class by name would make Locust run it beside this one.
import tracer

KEPT: list[bytes] = []


class LeakyTracerUser(tracer.TracerUser):
    """A tracer user that forgets to let go."""

    @task(5)
    def leak(self) -> None:
        KEPT.append(b"x" * 2**20)
        with self.measure("leak"), self.tracer.start_as_current_span("leak") as span:
            span.set_attribute("kept", len(KEPT))
