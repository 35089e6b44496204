"""What the recorder tells of each interval that it has written, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reli.recorder.protocol import IntervalRow
    from reli.sampling import Reading
    from reli_analysis.record import Histogram


@dataclass(frozen=True)
class Measured:
    """A reading as it was written: of which source, in which role, rates worked out."""

    role: str
    source: str
    reading: Reading


@dataclass(frozen=True)
class Standing:
    """How one budget stands: a row of ``budgets.csv``.

    ``standing`` is one of ``reli_analysis.record.layout.STANDINGS``; ``observed`` and ``limit`` are
    in ``unit``.
    """

    budget: str
    observed: float | None
    limit: float | None
    unit: str
    standing: str


@dataclass(frozen=True)
class Abort:
    """The budget for which the run is to be ended, when it broke for good, and by which number."""

    budget: str
    elapsed_s: float
    message: str


@dataclass(frozen=True)
class EventRow:
    """A row of ``events.csv``."""

    elapsed_s: float
    kind: str
    subject: str
    message: str


@dataclass(frozen=True)
class Told:
    """One interval that is written: the load, the sample that ended it, and what follows from both.

    ``everything`` is the histogram of its requests; ``resources`` are the columns of
    ``results.csv`` that come from sampling. ``measured`` is its sample, or the newest one when it
    has none (any more); ``measured_index`` is the interval that it ended, if not this one.
    ``events`` is what happened since the interval before. ``abort`` is told with each interval from
    the one on that broke a budget which ends the run.
    """

    row: IntervalRow
    everything: Histogram
    resources: Mapping[str, Any]
    measured: Sequence[Measured]
    standings: Sequence[Standing]
    events: Sequence[EventRow]
    measured_index: int | None = None
    abort: Abort | None = None


class Observer(Protocol):
    """Is told of each interval, in the recorder's own process; must not block or raise."""

    def tell(self, told: Told) -> None:
        """Take over an interval that was just written."""
        ...

    def close(self) -> None:
        """The run has ended."""
        ...
