"""The one room that knows Locust's events. A locustfile says ``install(locust.events, ...)``."""

from reli.wiring.install import install

__all__ = ["install"]
