"""One run as it is looked at while it goes on: its series, stages, events and budgets.

Fed by the recorder's telling (:meth:`LiveRun.hear`) in Locust's process, or from the record's rows
(``reli.live.follow``); both end in the same few methods, so that both show the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from reli.live.happenings import Event, Events, Spans
from reli.live.store import Recent, Store
from reli.live.wire import MOST_STANDINGS, plain_text
from reli_analysis.record.layout import unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reli_analysis.record import RunInfo

RESULT_COLUMNS = (
    "offered_per_s",
    "iterations_per_s",
    "completed_per_s",
    "error_ratio",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "max_ms",
    "users",
    "workers",
    "waiting",
    "dropped",
    "rss_bytes",
    "fds",
    "cpu_cores",
    "threads",
)
"""Columns of ``results.csv`` that are kept; the metrics of ``run.json`` follow them."""

_STALE_S = 10.0
_LATEST_READING = 60
"""Intervals by which an agent's reading may be ahead: clocks of other hosts are not trusted."""


class Subject(NamedTuple):
    """What a series is of: a tree, cgroup or host as its source tells it.

    The whole run (its load, its targets as a sum) has no role.
    """

    role: str = ""
    source: str = ""
    kind: str = ""
    host: str = ""
    process: str = ""


WHOLE = Subject()

Key = tuple[Subject, str]


@dataclass(frozen=True)
class Now:
    """A series in three numbers: its newest value (``None`` when it is old), and its extremes."""

    newest: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class Budget:
    """How one budget stands: a row of ``budgets.csv``."""

    budget: str
    observed: float | None = None
    limit: float | None = None
    unit: str = ""
    standing: str = "unknown"


class LiveRun:
    """What is kept of one run; ``info`` is the content of its ``run.json``."""

    def __init__(self, info: RunInfo, *, recent: bool = True) -> None:
        """``recent`` is whether the newest intervals are kept one by one beside the whole run."""
        self.info = info
        self.store: Store[Key] = Store()
        self.recent: Recent[Key] = Recent()
        self._stores = (self.store, self.recent) if recent else (self.store,)
        self._heard = -1
        self.events = Events()
        self.spans = Spans()
        texts = [plain_text(text) for text in info.budgets[:MOST_STANDINGS]]
        self.budgets: dict[str, Budget] = {text: Budget(text) for text in texts}
        self.last_index = -1
        self.revisions = {"facts": 1, "catalog": 1, "events": 1, "stages": 1, "budgets": 1}
        """When each part changed last, as counted by ``revision``."""
        self.revision = 1
        self._units = {metric.name: metric.unit for metric in info.metrics}

    @property
    def elapsed_s(self) -> float:
        """The end of the newest interval that anything is known of."""
        return (self.last_index + 1) * self.info.interval_s

    def unit_of(self, column: str) -> str:
        """The unit of a series of the whole run or of a subject."""
        return self._units.get(column) or unit_of(column)

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take in what ``told_to_json`` made of an interval; one heard twice counts once."""
        index, length_s = int(told["index"]), self.info.interval_s
        if index <= self._heard:
            return
        self._heard = index
        requests, offered, iterations = told["requests"], told["offered"], told["iterations"]
        values = {name: told.get(name) for name in RESULT_COLUMNS}
        values |= {
            "offered_per_s": None if offered is None else offered / length_s,
            "iterations_per_s": None if iterations is None else iterations / length_s,
            "completed_per_s": told["answered"] / length_s,
            "error_ratio": told["failures"] / requests if requests else None,
        }
        sampled, metrics = told["resources"], told["metrics"]
        values |= {name: sampled[name] for name in RESULT_COLUMNS if name in sampled}
        values |= {n: metrics.get(n, sampled.get(n)) for n in self._units}
        self.take_row(index, values, told["stage"], told["window"])
        for subject in told["subjects"]:
            at_s = subject["elapsed_s"]
            at = told["sampled_index"] if at_s is None else self.index_of_sample(at_s)
            whose = Subject(*(subject[name] for name in Subject._fields))
            self.take_reading(at, whose, subject["values"])
        for event in told["events"]:
            self.take_event(Event(**event))
        self.events.leave_out(told["events_left_out"])
        self.take_budgets([Budget(**standing) for standing in told["standings"]])

    def index_of_sample(self, elapsed_s: float) -> int:
        """The interval that a sample belongs to: the one that ends with it."""
        return int(elapsed_s / self.info.interval_s + 1e-6) - 1

    def take_row(
        self, index: int, values: Mapping[str, float | None], stage: str, window: str
    ) -> None:
        """Take in what a row of ``results.csv`` says."""
        self._put(index, {(WHOLE, n): v for n, v in values.items() if v is not None})
        self.last_index = max(self.last_index, index)
        if self.spans.take(stage, window, index * self.info.interval_s):
            self._revise("stages")

    def take_reading(self, index: int, subject: Subject, values: Mapping[str, float]) -> None:
        """Take in what a row of ``resources.csv`` says."""
        at = max(index, 0)
        if subject.source.startswith("agent:"):
            at = min(at, max(self.last_index, 0) + _LATEST_READING)
        else:
            self.last_index = max(self.last_index, at)
        self._put(at, {(subject, n): v for n, v in values.items()})

    def _put(self, index: int, values: Mapping[Key, float]) -> None:
        before = len(self.store.series)
        for store in self._stores:
            store.put(index, values)
        if len(self.store.series) != before:
            self._revise("catalog")

    def take_event(self, event: Event) -> None:
        self.events.take(event)
        self._revise("events")

    def take_budgets(self, standings: Sequence[Budget]) -> None:
        for standing in standings:
            room = standing.budget in self.budgets or len(self.budgets) < MOST_STANDINGS
            if room and self.budgets.get(standing.budget) != standing:
                self.budgets[standing.budget] = standing
                self._revise("budgets")

    def change_info(self, info: RunInfo) -> None:
        """Take over what ``run.json`` says by now: the run's state, its targets."""
        if info != self.info:
            self.info = info
            self._revise("facts")

    def _revise(self, part: str) -> None:
        self.revision += 1
        self.revisions[part] = self.revision

    def now(self, key: Key) -> Now:
        """A series in three numbers; all ``None`` when nothing was measured."""
        series = self.store.series.get(key)
        if series is None:
            return Now(None, None, None)
        stale = series.newest_index < self.last_index - _STALE_S / self.info.interval_s
        return Now(None if stale else series.newest, series.lowest, series.highest)
