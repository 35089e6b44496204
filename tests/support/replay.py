"""Gives the intervals of a record to budgets as they stand, as the recorder did while it wrote."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.recorder.protocol import EndpointRow, IntervalRow, OpenModelRow
from reli.recorder.told import EventRow
from reli.standings import Standings
from reli_analysis.record import Histogram, read_run_info
from reli_analysis.record.csvfile import original_text, read_complete_text, read_table
from reli_analysis.record.hlog import SERVICE_TAG, decode, endpoint_tag, parse_row
from reli_analysis.record.layout import (
    EVENTS_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESULTS_CSV,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reli.recorder.told import Standing


@dataclass(frozen=True)
class Interval:
    """What the recorder knows of one interval when it has written it."""

    row: IntervalRow
    everything: Histogram
    columns: dict[str, object]
    events: list[EventRow]


def intervals(path: Path) -> Iterator[Interval]:
    """The intervals of a record, one after the other.

    A record keeps an endpoint's requests over ten intervals in one row; they are given with the
    first of these.
    """
    interval_s = read_run_info(path).interval_s
    histograms = _histograms(path)
    endpoints = _endpoints(path, histograms)
    table = read_table(path / RESULTS_CSV).columns
    events = _events(path)
    for at in range(len(table["elapsed_s"])):
        columns = {name: _cell(name, cells[at]) for name, cells in table.items()}
        start_s = float(table["elapsed_s"][at])
        row = IntervalRow(
            index=round(start_s / interval_s),
            stage=str(columns["stage"]),
            window=str(columns["window"]),
            users=0,
            workers=int(float(table["workers"][at] or 0)),
            offered=None,
            iterations=None,
            health={},
            services=histograms[SERVICE_TAG, start_s].counts,
            open_model=_OPEN if columns["arrivals"] is not None else None,
            endpoints=endpoints[start_s],
            failures=(),
            metrics={},
        )
        until_s = start_s + interval_s
        happened = [event for event in events if start_s <= event.elapsed_s < until_s]
        yield Interval(row, histograms["", start_s], columns, happened)


_OPEN = OpenModelRow(0, 0, 0, 0, 0, 0, 0.0, 0.0, {}, {}, {}, {})


def _cell(name: str, cell: str) -> object:
    if name in {"stage", "window"}:
        return original_text(cell)
    return float(cell) if cell else None


def _histograms(path: Path) -> dict[tuple[str, float], Histogram]:
    found: dict[tuple[str, float], Histogram] = defaultdict(Histogram)
    text, _torn = read_complete_text(path / LATENCY_HLOG)
    for line in text.splitlines():
        if row := parse_row(line):
            found[row.tag, row.start_s] = decode(row.payload)
    return found


def _endpoints(
    path: Path, histograms: dict[tuple[str, float], Histogram]
) -> dict[float, list[EndpointRow]]:
    table = read_table(path / REQUESTS_CSV).columns
    rows: dict[float, list[EndpointRow]] = defaultdict(list)
    names = ("elapsed_s", "type", "name", "requests", "failures")
    for elapsed, kind, name, requests, failures in zip(*(table[n] for n in names), strict=True):
        names_of = (original_text(kind), original_text(name))
        counts = histograms[endpoint_tag(*names_of), float(elapsed)].counts
        rows[float(elapsed)].append(EndpointRow(*names_of, int(requests), int(failures), 0, counts))
    return rows


def _events(path: Path) -> list[EventRow]:
    table = read_table(path / EVENTS_CSV).columns
    texts = [map(original_text, table[name]) for name in ("kind", "subject", "message")]
    return list(map(EventRow, map(float, table["elapsed_s"]), *texts))


def last_standings(path: Path, budgets: tuple[str, ...]) -> dict[str, Standing]:
    """How budgets stood when the record ended, by their text."""
    standings = Standings(dataclasses.replace(read_run_info(path), budgets=budgets))
    for interval in intervals(path):
        standings.take(interval.row, interval.everything, interval.columns, interval.events)
    return {standing.budget: standing for standing in standings.finish()}
