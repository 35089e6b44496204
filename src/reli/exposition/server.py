"""Answers Prometheus from the last interval that was told, in a thread of its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, start_http_server

from reli.exposition.budgets import BUDGETS
from reli.exposition.latency import LATENCY
from reli.exposition.load import LOAD
from reli.exposition.published import PUBLISHED
from reli.exposition.resources import RESOURCES
from reli.exposition.run import RUN
from reli.exposition.snapshot import Snapshot, Totals
from reli_analysis.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from reli.recorder.told import Told
    from reli_analysis.record import RunInfo

GROUPS = (RUN, LOAD, LATENCY, RESOURCES, PUBLISHED, BUDGETS)
"""In the order in which they are served."""


class Exposition:
    """A Prometheus collector of the run's last interval and its totals."""

    def __init__(self, address: str, port: int, info: Callable[[], RunInfo]) -> None:
        """Start serving; raises ``RecordError`` when nobody can listen there.

        ``info`` is asked with each interval: the record has its name only once it is made.
        """
        self._info = info
        self._host = socket.gethostname()
        self._totals = Totals()
        self._last: Snapshot | None = None
        registry = CollectorRegistry()
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(port, address, registry)
        except OSError as error:
            raise RecordError(
                f"metrics cannot be served on {address}:{port}: {error.strerror}; "
                "name another with --metrics-host and --metrics-port"
            ) from None

    def tell(self, told: Told) -> None:
        """Take over an interval that was just written."""
        self._totals = self._totals.plus(told)
        # One assignment: the serving thread sees the old interval or the new one.
        self._last = Snapshot(self._info(), told, self._totals, self._host)

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads; nothing before the first interval."""
        last = self._last
        if last is None:
            return
        for group in GROUPS:
            yield from group.collect(last)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
