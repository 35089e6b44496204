"""Writes the record of a run that follows a script, through the same writer as real runs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.record import Histogram, MetricSpec, RecordWriter, RunInfo, StageSpan
from reli_analysis.record.hlog import ITERATION_TAGS, SERVICE_TAG, endpoint_tag
from reli_analysis.record.layout import (
    BUDGETS_CSV,
    EVENTS_CSV,
    FAILURES_CSV,
    IDLE_START_DELAY_QUANTILES,
    METRICS_CSV,
    PROCESS,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESPONSE_QUANTILES,
    RESULTS_CSV,
    SERVICE_QUANTILES,
    START_DELAY_QUANTILES,
    TREE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

STARTED_WALL_S = 1_795_000_000.0
MIB = 2.0**20
ENDPOINT_S = 10
_DROPPED = ("ARRIVAL", "(dropped)")


def two_milliseconds(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Log-normal around 2 ms; p95 is about 4.5 ms."""
    del second
    return np.asarray(2.0 * np.exp(0.5 * rng.standard_normal(count)))


@dataclass(frozen=True)
class Life:
    """One process of the target, seen from one second to another."""

    pid: int
    first_s: int
    last_s: int
    role: str = "target"


@dataclass(frozen=True)
class Tree:
    """A target as its source tells it: a tree each second of ``spans``, a segment a span.

    ``values`` gives columns by name as a function of the second, in the place of a tree's usual
    ones. Each segment has one process beside its tree. ``kind`` is ``tree``, ``cgroup`` or
    ``host``.
    """

    source: str
    spans: tuple[tuple[int, int], ...]
    values: Mapping[str, Callable[[int], float | None]] = field(default_factory=dict)
    kind: str = TREE
    name: str = "service"
    host: str = "here"


def at_once(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Start delays of a generator that has time: a tenth of a millisecond and a little."""
    del second
    return np.asarray(0.1 + 0.1 * rng.random(count))


@dataclass(frozen=True)
class OpenModel:
    """What the open model adds: ``latencies_ms`` of the script are service times then.

    Each request is one iteration. ``dropped`` arrivals are counted on top of ``requests``, each
    with a wait of ``drop_after_s``.
    """

    users: int = 50
    delays_ms: Callable[[np.random.Generator, int, int], NDArray[np.float64]] = at_once
    dropped: Callable[[int], int] = lambda _second: 0
    drop_after_s: float = 30.0
    arrivals: str = "constant"


@dataclass(frozen=True)
class Script:
    """What the run does, second by second.

    ``columns`` gives results columns (or metrics) by name as a function of the second, in the place
    of the usual values; ``None`` leaves the cell empty. ``missing`` are seconds never written. In
    the last ``drain_s`` seconds, after the plan's end, the steady stage's backlog is worked off.
    In the seconds of ``fault`` the window is that of a fault.
    ``trees`` become the run's targets; ``published`` are metrics by source and name. Without
    ``load`` the record only samples.
    """

    steady_s: int = 60
    warm_up_s: int = 5
    cool_down_s: int = 5
    drain_s: int = 0
    fault: range = range(0)
    open_model: OpenModel | None = None
    errors: tuple[tuple[str, str, int], ...] = ()
    requests: Callable[[int], int] = lambda _second: 20
    failures: Callable[[int], int] = lambda _second: 0
    latencies_ms: Callable[[np.random.Generator, int, int], NDArray[np.float64]] = two_milliseconds
    endpoints: tuple[tuple[str, str], ...] = (("GET", "/a"), ("GET", "/b"))
    columns: Mapping[str, Callable[[int], float | None]] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    lives: tuple[Life, ...] = ()
    trees: tuple[Tree, ...] = ()
    published: Mapping[tuple[str, str], Callable[[int], float | None]] = field(default_factory=dict)
    stood: tuple[tuple[float, str, str], ...] = ()
    load: bool = True
    events: tuple[tuple[float, str, str, str], ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    info: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1

    @property
    def planned_s(self) -> int:
        return self.warm_up_s + self.steady_s + self.cool_down_s

    @property
    def length_s(self) -> int:
        return self.planned_s + self.drain_s

    def window(self, second: int) -> str:
        if second in self.fault:
            return "fault"
        if second < self.warm_up_s:
            return "warm-up"
        if second >= self.planned_s:
            return "steady"
        return "steady" if second < self.warm_up_s + self.steady_s else "cool-down"


@dataclass(frozen=True)
class Written:
    """A record, and every latency in it by second, in milliseconds."""

    path: Path
    latencies_ms: dict[int, NDArray[np.float64]]

    def between(self, start_s: int, end_s: int) -> NDArray[np.float64]:
        """The raw latencies of the written seconds from ``start_s`` up to ``end_s``."""
        chosen = [v for second, v in self.latencies_ms.items() if start_s <= second < end_s]
        return np.concatenate(chosen) if chosen else np.empty(0)


def run_info(script: Script) -> RunInfo:
    """What ``run.json`` says of the script."""
    steady_end = script.warm_up_s + script.steady_s
    spans = (
        ("ramp", "warm-up", 0, script.warm_up_s),
        ("hold", "steady", script.warm_up_s, steady_end),
        ("end", "cool-down", steady_end, script.planned_s),
    )
    values: dict[str, Any] = {
        "run_id": "synthetic",
        "profile_name": "synthetic",
        "started_wall_s": STARTED_WALL_S,
        "started_monotonic_s": 100.0,
        "boot_id": "none",
        "planned_s": float(script.planned_s),
        "profile": _profile(script),
        "stages": tuple(
            StageSpan(name, "hold", window, float(start), float(end), 20.0, 20.0)
            for name, window, start, end in spans
            if end > start
        ),
        "metrics": script.metrics,
        "targets": tuple(dict.fromkeys(tree.source for tree in script.trees)),
        "load": script.load,
        "state": "finished",
        "ended_elapsed_s": float(script.length_s),
    }
    return RunInfo(**(values | dict(script.info)))


def _profile(script: Script) -> dict[str, Any]:
    model = script.open_model
    if model is None:
        return {"model": "closed", "pace_per_s": 2.0}
    return {
        "model": "open",
        "users": model.users,
        "arrivals": model.arrivals,
        "drop_after_s": model.drop_after_s,
    }


def write(directory: Path, script: Script | None = None) -> Written:
    """Write the record into ``directory``, which must not exist yet."""
    script = script or Script()
    directory.mkdir(parents=True)
    rng = np.random.default_rng(script.seed)
    writer = RecordWriter(directory, run_info(script))
    latencies: dict[int, NDArray[np.float64]] = {}
    gathered = _Endpoints(writer, script.endpoints)
    for second in range(script.length_s):
        drawn = script.latencies_ms(rng, second, script.requests(second))
        if second not in script.missing and not script.load:
            _write_sampled_second(writer, script, second)
        elif second not in script.missing:
            services_ms = np.rint(drawn * 1e6) / 1e6
            times = _Times.of(script, rng, second, services_ms)
            latencies[second] = times.responses_ms
            gathered.add(second, times, script)
            _write_second(writer, script, second, times)
    gathered.flush(script.window(script.length_s - 1), script.length_s)
    for error, text, count in script.errors:
        row = {"elapsed_s": 10.0, "type": "GET", "name": "/a", "error": error, "text": text}
        writer.row(FAILURES_CSV, row | {"count": count})
    _write_sampled(writer, script)
    for elapsed_s, budget, standing in script.stood:
        writer.row(BUDGETS_CSV, {"elapsed_s": elapsed_s, "budget": budget, "standing": standing})
    for elapsed_s, kind, subject, message in script.events:
        row = {"elapsed_s": elapsed_s, "kind": kind, "subject": subject, "message": message}
        writer.row(EVENTS_CSV, row)
    writer.close()
    return Written(directory, latencies)


@dataclass(frozen=True)
class _Times:
    """The times of one second in milliseconds; responses include those of ``dropped`` arrivals."""

    services_ms: NDArray[np.float64]
    delays_ms: NDArray[np.float64]
    dropped_ms: NDArray[np.float64]

    @classmethod
    def of(
        cls, script: Script, rng: np.random.Generator, second: int, services_ms: NDArray[np.float64]
    ) -> _Times:
        model = script.open_model
        if model is None:
            return cls(services_ms, np.zeros(len(services_ms)), np.empty(0))
        delays_ms = np.asarray(model.delays_ms(rng, second, len(services_ms)))
        waits_ms = np.full(model.dropped(second), 1000 * model.drop_after_s)
        return cls(services_ms, np.rint(delays_ms * 1e6) / 1e6, waits_ms)

    @property
    def responses_ms(self) -> NDArray[np.float64]:
        return np.concatenate([self.services_ms + self.delays_ms, self.dropped_ms])


def _open_model_columns(script: Script, second: int, times: _Times) -> dict[str, Any]:
    model = script.open_model
    if model is None:
        return {}
    delays = _histogram(times.delays_ms)
    columns: dict[str, Any] = {
        "users": model.users,
        "arrivals": 0 if second >= script.planned_s else len(times.responses_ms),
        "dropped": len(times.dropped_ms),
        "waiting": 0,
        "busy_users": min(float(times.services_ms.sum()) / 1000, float(model.users)),
    }
    for names in (START_DELAY_QUANTILES, IDLE_START_DELAY_QUANTILES):
        columns |= dict(zip(names, delays.quantiles_ms(names.values()), strict=True))
    return columns


def _histogram(latencies_ms: NDArray[np.float64]) -> Histogram:
    histogram = Histogram()
    for value in np.rint(latencies_ms * 1e6).astype(np.int64).tolist():
        histogram.record(value)
    return histogram


def _write_sampled_second(writer: RecordWriter, script: Script, second: int) -> None:
    """A row of a record without load: its time, what was sampled, and nothing else."""
    row: dict[str, Any] = {
        "elapsed_s": float(second),
        "wall_s": STARTED_WALL_S + second,
        "interval_s": 1.0,
        "window": "steady",
        "rss_bytes": 100 * MIB,
        "fds": 20,
        "threads": 5,
        "cpu_cores": 0.3,
        "missed_samples": 0,
    }
    writer.row(RESULTS_CSV, row | {name: value(second) for name, value in script.columns.items()})


def _write_second(writer: RecordWriter, script: Script, second: int, times: _Times) -> None:
    histogram, services = _histogram(times.responses_ms), _histogram(times.services_ms)
    requests = histogram.total
    failures = script.failures(second) + len(times.dropped_ms)
    draining = second >= script.planned_s
    row: dict[str, Any] = {
        "elapsed_s": float(second),
        "wall_s": STARTED_WALL_S + second,
        "interval_s": 1.0,
        "stage": "drain" if draining else "hold",
        "window": script.window(second),
        "users": 10,
        "workers": 1,
        "offered_per_s": 0.0 if draining else 20.0,
        "iterations_per_s": float(services.total) if script.open_model else 20.0,
        "completed_per_s": float(services.total),
        "requests": requests,
        "failures": failures,
        "error_ratio": failures / requests if requests else None,
        "mean_ms": histogram.mean_ms(),
        "rss_bytes": 100 * MIB,
        "fds": 20,
        "threads": 5,
        "cpu_cores": 0.3,
        "generator_cpu_cores": 0.2,
        "loop_lag_ms": 1.0,
    }
    for columns, of in ((RESPONSE_QUANTILES, histogram), (SERVICE_QUANTILES, services)):
        row |= dict(zip(columns, of.quantiles_ms(columns.values()), strict=True))
    row |= _open_model_columns(script, second, times)
    row |= {name: value(second) for name, value in script.columns.items()}
    writer.row(RESULTS_CSV, row)
    writer.histogram(float(second), 1.0, histogram.counts)
    if script.open_model:
        by_tag = {
            SERVICE_TAG: services,
            ITERATION_TAGS["start_delay"]: _histogram(times.delays_ms),
            ITERATION_TAGS["service"]: services,
            ITERATION_TAGS["response"]: _histogram(times.services_ms + times.delays_ms),
        }
        for tag, counted in by_tag.items():
            writer.histogram(float(second), 1.0, counted.counts, tag)


class _Endpoints:
    """Gathers each endpoint over at most ten seconds of one window, as the recorder does."""

    def __init__(self, writer: RecordWriter, endpoints: tuple[tuple[str, str], ...]) -> None:
        self._writer, self._endpoints = writer, endpoints
        self._sums: dict[tuple[str, str], tuple[Histogram, int]] = {}
        self._since: int | None = None
        self._window = ""

    def add(self, second: int, times: _Times, script: Script) -> None:
        window = script.window(second) + ("" if second < script.planned_s else " in the drain")
        latencies_ms = times.services_ms + times.delays_ms
        if self._since is not None and (
            window != self._window or second - self._since >= ENDPOINT_S
        ):
            self.flush(self._window, second)
        if self._since is None:
            self._since, self._window = second, window
        failures = script.failures(second)
        for at, endpoint in enumerate(self._endpoints):
            part = latencies_ms[at :: len(self._endpoints)]
            histogram, failed = self._sums.get(endpoint, (Histogram(), 0))
            histogram.merge(_histogram(part))
            self._sums[endpoint] = (histogram, failed + (failures if at == 0 else 0))
        if len(times.dropped_ms):
            histogram, failed = self._sums.get(_DROPPED, (Histogram(), 0))
            histogram.merge(_histogram(times.dropped_ms))
            self._sums[_DROPPED] = (histogram, failed + len(times.dropped_ms))

    def flush(self, window: str, until: int | None = None) -> None:
        if self._since is None:
            return
        length_s = float(until - self._since) if until is not None else float(ENDPOINT_S)
        for (kind, name), (histogram, failures) in self._sums.items():
            row = {
                "elapsed_s": float(self._since),
                "interval_s": length_s,
                "window": window.removesuffix(" in the drain"),
                "type": kind,
                "name": name,
                "requests": histogram.total,
                "failures": failures,
            }
            self._writer.row(REQUESTS_CSV, row)
            tag = endpoint_tag(kind, name)
            self._writer.histogram(float(self._since), length_s, histogram.counts, tag)
            if failures:
                failure = {"elapsed_s": float(self._since), "type": kind, "name": name}
                told = {"error": "Boom", "text": "it broke", "count": failures}
                self._writer.row(FAILURES_CSV, failure | told)
        self._sums.clear()
        self._since = None


def _write_sampled(writer: RecordWriter, script: Script) -> None:
    """By default one process from the beginning to the end; ``trees`` stand for themselves."""
    lives = script.lives or (() if script.trees else (Life(4242, 0, script.length_s - 1),))
    for second in range(script.length_s):
        for life in lives:
            if life.first_s <= second <= life.last_s:
                identity = {
                    "kind": PROCESS,
                    "role": life.role,
                    "source": "self",
                    "pid": life.pid,
                    "started_s": STARTED_WALL_S + life.first_s,
                }
                writer.row(RESOURCES_CSV, _sampled(second, "here", "service") | identity)
        for number, tree in enumerate(script.trees):
            _write_tree(writer, second, 1000 * (number + 1), tree)
        for (source, metric), value in script.published.items():
            row = _at(second, "here") | {"source": source, "metric": metric}
            writer.row(METRICS_CSV, row | {"value": value(second)})


def _at(second: int, host: str) -> dict[str, Any]:
    return {"elapsed_s": second + 0.5, "wall_s": STARTED_WALL_S + second + 0.5, "host": host}


def _sampled(second: int, host: str, name: str) -> dict[str, Any]:
    usual = {"rss_bytes": 100 * MIB, "fds": 20, "threads": 5}
    return {**_at(second, host), "role": "target", "segment": 0, "process": name, **usual}


def _write_tree(writer: RecordWriter, second: int, pid: int, tree: Tree) -> None:
    for segment, (first_s, last_s) in enumerate(tree.spans):
        if not first_s <= second <= last_s:
            continue
        identity = {"source": tree.source, "segment": segment, "kind": tree.kind}
        values = {name: value(second) for name, value in tree.values.items()}
        if tree.kind != TREE:
            whole = {**_at(second, tree.host), "role": "target", "process": tree.name}
            writer.row(RESOURCES_CSV, whole | identity | values)
            continue
        identity |= {"pid": pid + segment, "started_s": STARTED_WALL_S + first_s}
        row = _sampled(second, tree.host, tree.name) | identity
        writer.row(RESOURCES_CSV, row | {"kind": PROCESS})
        writer.row(RESOURCES_CSV, row | {"children": 0} | values)


def noisy(
    level: float, *, noise: float, per_h: float = 0.0, seed: int = 3
) -> Callable[[int], float | None]:
    """A column: a level with white noise and a steady growth an hour."""
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal(200_000)
    return lambda second: level + per_h * second / 3600 + noise * float(steps[second])


def sawtooth(level: float, *, height: float, period_s: float) -> Callable[[int], float | None]:
    """A column: what a garbage collector leaves, a rise and a fall every ``period_s``."""
    return lambda second: level + height * math.modf(second / period_s)[0]
