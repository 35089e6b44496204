"""What a locustfile wraps, seen from one load process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reli_analysis.record import MetricSpec


class Service(Protocol):
    """A service under load, together with what it needs on the other side.

    Every load process has an instance of its own. Counters are summed over the processes, of
    gauges the largest counts, and ratios are computed from the summed counters.
    """

    metrics: Sequence[MetricSpec]
    """What ``read`` publishes; the names become columns of ``results.csv``."""

    def start(self) -> None:
        """Get ready: once per load process and run, after any fork, before the first user."""

    def read(self) -> Mapping[str, float]:
        """The gauges and counters by name.

        Called once an interval from the loop that also drives the users: cheap, never blocking.
        """

    def drain(self) -> None:
        """Flush within some 30 seconds; the users have stopped.

        ``read`` then gives the final truth.
        """

    def stop(self) -> None:
        """Release everything; calling it again does nothing."""
