"""The one in-memory form of a run: what readers make and everything else computes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.record.layout import PROCESS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.latency import LatencyLog
    from reli_analysis.record import RunInfo
    from reli_analysis.windows import Window


@dataclass(frozen=True)
class Series:
    """One quantity over time.

    ``elapsed_s`` and ``values`` are float arrays of one length, in order of time; ``values`` is
    in ``unit`` and NaN where nothing was measured. ``name`` is the column's name.
    """

    name: str
    unit: str
    elapsed_s: NDArray[np.float64]
    values: NDArray[np.float64]

    def between(self, start_s: float, end_s: float) -> Series:
        """The part with ``start_s <= elapsed_s < end_s``."""
        inside = (self.elapsed_s >= start_s) & (self.elapsed_s < end_s)
        return Series(self.name, self.unit, self.elapsed_s[inside], self.values[inside])

    def measured(self) -> Series:
        """Without the moments at which nothing was measured."""
        known = np.isfinite(self.values)
        return Series(self.name, self.unit, self.elapsed_s[known], self.values[known])

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Event:
    """One row of ``events.csv``."""

    elapsed_s: float
    kind: str
    subject: str
    message: str


@dataclass(frozen=True)
class Failure:
    """How often one error struck one endpoint over the whole run."""

    endpoint: str
    error: str
    text: str
    count: int


@dataclass(frozen=True)
class Endpoint:
    """One endpoint's counts by interval (``requests.csv``), arrays of one length."""

    name: str
    elapsed_s: NDArray[np.float64]
    requests: NDArray[np.float64]
    failures: NDArray[np.float64]
    interval_s: NDArray[np.float64]


@dataclass(frozen=True)
class Sampled:
    """One thing that was sampled (``resources.csv``): its identity and its series by column name.

    ``kind`` is ``"process"``, or ``"tree"``, ``"cgroup"`` or ``"host"``, which are told apart by
    ``segment``: the restarts of their source before. ``pid`` and ``started_s`` (seconds since 1970)
    are 0 where there is no process. ``elapsed_s`` are the moments of its samples, in order.
    """

    role: str
    source: str
    host: str
    name: str
    elapsed_s: NDArray[np.float64]
    series: Mapping[str, Series]
    kind: str = PROCESS
    segment: int = 0
    pid: int = 0
    started_s: float = 0.0

    @property
    def first_s(self) -> float:
        return float(self.elapsed_s[0])

    @property
    def last_s(self) -> float:
        return float(self.elapsed_s[-1])


@dataclass(frozen=True)
class Published:
    """One number that a target publishes itself (``metrics.csv``)."""

    source: str
    host: str
    name: str
    series: Series


@dataclass(frozen=True)
class Stood:
    """How a budget stood while the run went on (``budgets.csv``): when it changed, and to what.

    ``until_s`` is when it was last seen.
    """

    budget: str
    changes: tuple[tuple[float, str], ...]
    until_s: float


@dataclass(frozen=True)
class Stretch:
    """What another tool tells of all requests of one stretch of time, of which it kept no more.

    ``endpoint`` is ``"TYPE NAME"``, empty for all requests. ``quantiles_ms`` has, by quantile (0 to
    1], the lowest and the highest value that it can be: tools round. Percentiles may speak of more
    than the stretch's ``requests``: at most a share 1 - q of ``slow_among`` requests lies above the
    percentile q, and at most a share q of ``fast_among`` below it.
    """

    endpoint: str
    start_s: float
    end_s: float
    requests: int
    quantiles_ms: Mapping[float, tuple[float, float]]
    slow_among: int
    fast_among: int


@dataclass(frozen=True)
class Damage:
    """Something of the input that could not be used, in one sentence."""

    file: str
    message: str


@dataclass(frozen=True)
class Run:
    """A run as far as its input tells.

    ``info`` is ``None`` for a CSV on its own. ``series`` has the numeric columns of the results by
    name. ``latency`` is ``None`` without an interval log. ``interval_s`` is the length of one row.
    ``asked`` are the budgets by which it is judged, as they are written. ``stretches`` are what
    another tool's percentiles speak of, where it kept no histograms.
    """

    title: str
    path: Path
    series: Mapping[str, Series]
    windows: tuple[Window, ...] = ()
    info: RunInfo | None = None
    latency: LatencyLog | None = None
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    failures: tuple[Failure, ...] = ()
    sampled: tuple[Sampled, ...] = ()
    published: tuple[Published, ...] = ()
    stood: tuple[Stood, ...] = ()
    damage: tuple[Damage, ...] = ()
    notes: tuple[str, ...] = ()
    interval_s: float = 1.0
    asked: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()

    @property
    def processes(self) -> tuple[Sampled, ...]:
        """What was sampled by process."""
        return tuple(one for one in self.sampled if one.kind == PROCESS)

    @property
    def has_load(self) -> bool:
        """Whether a load was made at all, as far as the input tells: a record may only sample."""
        return self.info is None or self.info.load

    @property
    def duration_s(self) -> float:
        """From the run's start to the end of its last interval."""
        ends = [s.elapsed_s[-1] for s in self.series.values() if len(s)]
        return float(max(ends)) + self.interval_s if ends else 0.0

    @property
    def is_open(self) -> bool:
        """Whether the load came as arrivals: only then are they counted."""
        arrivals = self.series.get("arrivals")
        return arrivals is not None and bool(np.isfinite(arrivals.values).any())
