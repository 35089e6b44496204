"""A mix of requests by weight, as a locustfile drives it."""

from __future__ import annotations

import random
import sys
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from locust.runners import WorkerRunner

from reli.http.request_file import check_requests, load_requests
from reli.http.url import parse_url
from reli_analysis.errors import InputError, ReliError
from reli_analysis.verdict import EXIT_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment
    from locust.event import Events

    from reli.http.client import HttpClient
    from reli.http.request_file import Ask


class RequestMix:
    """The requests that users choose from."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self._written = self._asks = tuple(asks)
        self._weigh()

    @classmethod
    def install(cls, events: Events, requests: Sequence[dict[str, Any]]) -> Self:
        """The mix of a locustfile: ``requests``, or what ``--requests`` names instead.

        What is wrong with them, or a headless run without ``--host``, ends the command with a
        sentence and exit code 2. Call it before ``reli.wiring.install``.
        """
        mix = cls(())

        def on_init(environment: Environment, **_others: Any) -> None:
            try:
                mix._written = check_requests(requests)
                mix._read(environment)
                _check_host(environment)
            except ReliError as error:
                if not isinstance(environment.runner, WorkerRunner):
                    sys.stderr.write(f"reli: {error}\n")
                sys.exit(EXIT_USAGE)

        # A worker has the master's options by now, and at init only its own.
        events.init_command_line_parser.add_listener(lambda parser, **_others: _add_option(parser))
        events.init.add_listener(on_init)
        events.test_start.add_listener(lambda environment, **_others: mix._read(environment))
        return mix

    def send_one(self, client: HttpClient) -> None:
        """Choose a request by weight, send it and count it."""
        (ask,) = random.choices(self._asks, cum_weights=self._cumulated)  # noqa: S311 -- no secret
        options: dict[str, Any] = {"name": ask.name, "headers": ask.headers, "data": ask.data}
        if not ask.expect:
            client.request(ask.method, ask.path, **options)
            return
        with client.request(ask.method, ask.path, catch_response=True, **options) as response:
            if response.status_code in ask.expect:
                response.success()
            elif response.ok:
                response.failure(f"status {response.status_code} was not expected")

    def _read(self, environment: Environment) -> None:
        name = getattr(environment.parsed_options, "requests", None)
        self._asks = load_requests(Path(name)) if name else self._written
        self._weigh()

    def _weigh(self) -> None:
        self._cumulated = list(accumulate(ask.weight for ask in self._asks))


def _add_option(parser: LocustArgumentParser) -> None:
    """Locust calls this again for each page of its web UI, so it is pure."""
    parser.add_argument(
        "--requests",
        env_var="RELI_REQUESTS",
        metavar="FILE",
        help="YAML file with the weighted requests to send, for example locustfiles/requests.yaml",
        include_in_web_ui=False,
    )


def _check_host(environment: Environment) -> None:
    """In the web UI the host may be given later; there each user says what is missing."""
    options, host = environment.parsed_options, environment.host
    if host:
        try:
            parse_url(host)
        except ValueError as error:
            raise InputError(f"--host: {error}") from None
    elif options and options.headless and not options.worker:
        raise InputError(
            "there is no service to drive; name one, for example --host http://127.0.0.1:8080"
        )
