"""A LeanHttpUser outside a run, and what Locust would have heard of its requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from locust.env import Environment

from reli.http.client import HttpClient
from reli.users import LeanHttpUser


@dataclass
class Heard:
    """A client, and the ``request`` events of its requests."""

    client: HttpClient
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def errors(self) -> list[str | None]:
        """The class of each request's error, in order."""
        return [
            type(request["exception"]).__name__ if request["exception"] else None
            for request in self.requests
        ]


class LeanClient:
    """Makes clients with short timeouts, and closes them when the test is over."""

    def __init__(self) -> None:
        self._made: list[HttpClient] = []

    def __call__(self, host_url: str, **attributes: Any) -> Heard:
        """The client of a user of its own class, which has these ``attributes``."""
        known = {
            "abstract": True,
            "host": host_url,
            "connect_timeout_s": 2.0,
            "first_byte_timeout_s": 0.3,
            "answer_timeout_s": 0.6,
        }
        user_class = type("User", (LeanHttpUser,), {**known, **attributes})
        environment = Environment()
        heard = Heard(user_class(environment).client)
        environment.events.request.add_listener(lambda **request: heard.requests.append(request))
        self._made.append(heard.client)
        return heard

    def close(self) -> None:
        for client in self._made:
            client.close()
