"""Wraps anything that can be called: an SDK, a client library, a function."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from locust import User
from locust.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)

from reli.users.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reli.service import Service

P = ParamSpec("P")
R = TypeVar("R")

LOCUST_CONTROL = (InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser)
"""Exceptions that steer a user and say nothing about the service."""


class ServiceUser(User):
    """A user that calls a service in its own process.

    Each call is timed on ``perf_counter`` and reported through Locust's ``request`` event under
    the class's ``request_type`` and the name that the call gives; an exception makes it a failure
    of the exception's class and ends there, so that the load goes on::

        class Checkout(ServiceUser):
            @task
            def pay(self):
                self.call("pay", gateway.pay, amount=3)
    """

    abstract = True
    request_type: ClassVar[str] = "SERVICE"

    @property
    def service(self) -> Service:
        """This process's service, as given to ``reli.wiring.install`` and already started.

        Raises ``AttributeError`` when none was given.
        """
        service: Service | None = getattr(self.environment, "reli_service", None)
        if service is None:
            raise AttributeError("install(..., service=...) was given none")
        return service

    def call(
        self, name: str, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        """Call the service, measured; returns its result, or ``None`` when it raised."""
        error: Exception | None = None
        result: R | None = None
        began = time.perf_counter()
        try:
            result = function(*args, **kwargs)
        except LOCUST_CONTROL:
            raise
        except Exception as raised:  # noqa: BLE001 -- whatever a service raises is its failure
            error = raised
        self._report(name, (time.perf_counter() - began) * 1000, error)
        return result

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Measure a block of statements as one call; an exception ends the block, not the user."""
        error: Exception | None = None
        began = time.perf_counter()
        try:
            yield
        except LOCUST_CONTROL:
            raise
        except Exception as raised:  # noqa: BLE001 -- whatever a service raises is its failure
            error = raised
        self._report(name, (time.perf_counter() - began) * 1000, error)

    def _report(self, name: str, response_time_ms: float, error: Any) -> None:
        self.environment.events.request.fire(
            request_type=self.request_type,
            name=name,
            response_time=response_time_ms,
            response_length=0,
            response=None,
            context=self.context(),
            exception=error,
        )


KINDS.register("service", ServiceUser)
