"""The directory that a run of reli leaves: every file of it, as far as it can be used."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from reli_analysis.errors import RecordError
from reli_analysis.readers.base import READERS
from reli_analysis.readers.interval_log import read_interval_log
from reli_analysis.readers.results import Results, read_results
from reli_analysis.readers.sampled import read_metrics, read_resources
from reli_analysis.readers.standings import read_standings
from reli_analysis.readers.table import read_table
from reli_analysis.record.checked import read_checked_info
from reli_analysis.record.layout import (
    BUDGETS_CSV,
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    METRICS_CSV,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
)
from reli_analysis.record.liveness import is_alive
from reli_analysis.series import Damage, Endpoint, Event, Failure, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reli_analysis.latency import LatencyLog
    from reli_analysis.readers.base import Guide
    from reli_analysis.record import RunInfo

T = TypeVar("T")


class RunDirectory:
    """Recognised by being a directory; what is missing or broken in it becomes damage."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del head
        return path.is_dir()

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
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
            sampled=of(RESOURCES_CSV, read_resources, ()),
            published=of(METRICS_CSV, read_metrics, ()) if info.format_version > 1 else (),
            stood=of(BUDGETS_CSV, read_standings, ()) if info.format_version > 1 else (),
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
    counts = ("requests", "failures", "interval_s")
    needed = ("elapsed_s", "type", "name", *counts)
    table = read_table(file, texts=("type", "name"), needed=needed, only=needed)
    names = table.labels["type"].joined(table.labels["name"])
    order = np.argsort(names.codes, kind="stable")
    borders = np.searchsorted(names.codes[order], np.arange(1, len(names.texts)))
    rows = zip(names.texts, np.split(order, borders) if len(order) else [], strict=True)
    endpoints = {
        name: Endpoint(name, table.elapsed_s[at], *(table.numbers[count][at] for count in counts))
        for name, at in rows
    }
    return endpoints, table.damage


def _events(file: Path) -> tuple[tuple[Event, ...], tuple[Damage, ...]]:
    texts = ("kind", "subject", "message")
    # A stage's event is written with its first interval, after events that came later.
    table = read_table(file, texts=texts, needed=("elapsed_s", *texts), only=texts, any_order=True)
    columns = [table.texts(name) for name in texts]
    events = tuple(map(Event, table.elapsed_s.tolist(), *columns))
    return events, table.damage


def _failures(file: Path) -> tuple[tuple[Failure, ...], tuple[Damage, ...]]:
    """How often each error struck over the whole run, the most frequent first."""
    texts = ("type", "name", "error", "text")
    table = read_table(file, texts=texts, needed=("elapsed_s", *texts, "count"))
    sums: dict[tuple[str, ...], int] = defaultdict(int)
    columns = [table.texts(name) for name in texts]
    for count, *key in zip(table.numbers["count"].tolist(), *columns, strict=True):
        sums[tuple(key)] += 0 if count != count else round(count)  # noqa: PLR0124 -- NaN
    failures = [
        Failure(f"{kind} {name}", error, text, count)
        for (kind, name, error, text), count in sums.items()
    ]
    return tuple(sorted(failures, key=lambda f: (-f.count, f.endpoint, f.error))), table.damage


READERS.register("run directory", RunDirectory())
