"""The directory that a run of reli leaves: every file of it, as far as it can be used."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.readers.base import READERS
from reli_analysis.readers.interval_log import read_interval_log
from reli_analysis.readers.liveness import is_alive
from reli_analysis.readers.results import Results, read_results
from reli_analysis.readers.run_info import read_checked_info
from reli_analysis.readers.table import Table, read_table
from reli_analysis.record.layout import (
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
    unit_of,
)
from reli_analysis.series import Damage, Endpoint, Event, Failure, Process, Run, Series

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.latency import LatencyLog
    from reli_analysis.record import RunInfo

T = TypeVar("T")
_IDENTITY = ("role", "source", "host", "process")
_NUMBERS = ("pid", "started_s")


class RunDirectory:
    """Recognised by being a directory; what is missing or broken in it becomes damage."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del head
        return path.is_dir()

    def read(self, path: Path) -> Run:
        info = _as_it_ended(read_checked_info(path))
        damage: list[Damage] = []

        def of(name: str, read: Callable[[Path], tuple[T, tuple[Damage, ...]]], empty: T) -> T:
            value, found = _attempt(path / name, read, empty)
            damage.extend(found)
            return value

        results = of(RESULTS_CSV, lambda file: _results(file, info), None)
        return Run(
            title=info.run_id,
            path=path,
            info=info,
            series={} if results is None else results.series,
            windows=() if results is None else results.windows,
            latency=of(LATENCY_HLOG, _latency, None),
            endpoints=of(REQUESTS_CSV, _endpoints, {}),
            events=of(EVENTS_CSV, _events, ()),
            failures=of(FAILURES_CSV, _failures, ()),
            processes=of(RESOURCES_CSV, _processes, ()),
            damage=tuple(damage),
            interval_s=info.interval_s,
        )


def _attempt(
    file: Path, read: Callable[[Path], tuple[T, tuple[Damage, ...]]], empty: T
) -> tuple[T, tuple[Damage, ...]]:
    try:
        return read(file)
    except FileNotFoundError:
        return empty, (Damage(file.name, "the file is missing"),)
    except OSError as error:
        return empty, (Damage(file.name, f"cannot be read: {error.strerror}"),)
    except RecordError as error:
        reason = str(error).removeprefix(str(file)).lstrip(":, ")
        return empty, (Damage(file.name, f"cannot be used: {reason}"),)


def _as_it_ended(info: RunInfo) -> RunInfo:
    """A record that says ``running`` without a living recorder was lost."""
    if info.state != "running" or is_alive(info.recorder):
        return info
    return dataclasses.replace(
        info, state="lost", state_reason="the recorder ended without closing the record"
    )


def _results(file: Path, info: RunInfo) -> tuple[Results | None, tuple[Damage, ...]]:
    results = read_results(file, info.metrics)
    if not len(results):
        return results, (*results.damage, Damage(file.name, "holds no complete row"))
    return results, results.damage


def _latency(file: Path) -> tuple[LatencyLog | None, tuple[Damage, ...]]:
    return read_interval_log(file)


def _endpoints(file: Path) -> tuple[dict[str, Endpoint], tuple[Damage, ...]]:
    counts = ("requests", "failures")
    needed = ("elapsed_s", "type", "name", *counts)
    table = read_table(file, texts=("type", "name"), needed=needed, only=needed)
    rows: dict[str, list[int]] = defaultdict(list)
    for at, names in enumerate(zip(table.texts["type"], table.texts["name"], strict=True)):
        rows[" ".join(names)].append(at)
    endpoints = {
        name: Endpoint(name, table.elapsed_s[at], *(table.numbers[count][at] for count in counts))
        for name, at in rows.items()
    }
    return endpoints, table.damage


def _events(file: Path) -> tuple[tuple[Event, ...], tuple[Damage, ...]]:
    texts = ("kind", "subject", "message")
    # A stage's event is written with its first interval, after events that came later.
    table = read_table(file, texts=texts, needed=("elapsed_s", *texts), only=texts, any_order=True)
    columns = [table.texts[name] for name in texts]
    events = tuple(map(Event, table.elapsed_s.tolist(), *columns))
    return events, table.damage


def _failures(file: Path) -> tuple[tuple[Failure, ...], tuple[Damage, ...]]:
    """How often each error struck over the whole run, the most frequent first."""
    texts = ("type", "name", "error", "text")
    table = read_table(file, texts=texts, needed=("elapsed_s", *texts, "count"))
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    columns = [table.texts[name] for name in texts]
    for count, *key in zip(table.numbers["count"].tolist(), *columns, strict=True):
        sums[tuple(key)] += 0 if count != count else round(count)  # noqa: PLR0124 -- NaN
    failures = [
        Failure(f"{kind} {name}", error, text, count)
        for (kind, name, error, text), count in sums.items()
    ]
    return tuple(sorted(failures, key=lambda f: (-f.count, f.endpoint, f.error))), table.damage


def _processes(file: Path) -> tuple[tuple[Process, ...], tuple[Damage, ...]]:
    table = read_table(file, texts=_IDENTITY, needed=("elapsed_s", *_IDENTITY, *_NUMBERS))
    # A source that is no process has no id; NaN equals nothing, so it would never be grouped.
    numbers = [np.nan_to_num(table.numbers[name], nan=0.0).tolist() for name in _NUMBERS]
    texts = [table.texts[name] for name in _IDENTITY]
    rows: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for at, identity in enumerate(zip(*texts, *numbers, strict=True)):
        rows[identity].append(at)
    processes = [_process(table, identity, np.array(at)) for identity, at in rows.items()]
    return tuple(processes), table.damage


def _process(table: Table, identity: tuple[Any, ...], rows: NDArray[np.int64]) -> Process:
    """One process of the table, from the rows that speak of it."""
    role, source, host, name, pid, started_s = identity
    elapsed_s = table.elapsed_s[rows]
    series = {
        column: Series(column, unit_of(column), elapsed_s, values[rows])
        for column, values in table.numbers.items()
        if column not in {"elapsed_s", "wall_s", *_NUMBERS}
    }
    return Process(
        role=role,
        source=source,
        host=host,
        pid=int(pid),
        started_s=started_s,
        name=name,
        series=series,
    )


READERS.register("run directory", RunDirectory())
