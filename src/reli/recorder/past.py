"""What is in a record already, read again for budgets as they stand.

A recorder that goes on with the record of one that was killed knows the numbers of that one from
its files alone. They may be those of two days, so they are read a slice at a time, between samples,
and never kept.
"""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from reli.recorder.protocol import EndpointRow, IntervalRow, OpenModelRow
from reli.recorder.told import Abort, EventRow
from reli_analysis.record import Histogram
from reli_analysis.record.csvfile import original_text
from reli_analysis.record.hlog import SERVICE_TAG, HlogRow, decode, endpoint_tag, parse_row
from reli_analysis.record.layout import (
    ABORT_EVENT,
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESULTS_CSV,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_OPEN = OpenModelRow(0, 0, 0, 0, 0, 0, 0.0, 0.0, {}, {}, {}, {})
"""Budgets ask only whether there is an open model; its numbers are columns."""

_FIRST_S = 1e-3
"""Times are written to the millisecond."""


class Interval(NamedTuple):
    """One interval as the recorder knew it when it had written it."""

    row: IntervalRow
    everything: Histogram
    columns: Mapping[str, object]
    events: list[EventRow]


class Past:
    """The intervals of a record in their order, as far as it is written.

    An endpoint's requests stand in the record once for some ten intervals; they are given with the
    last of these, to which they are counted whole.
    """

    def __init__(self, directory: Path, interval_s: float, *, latencies: bool) -> None:
        """``latencies`` is whether anybody looks at them: decoding them is most of the work."""
        self._interval_s = interval_s
        self._latencies = latencies
        self._results = _Rows(directory / RESULTS_CSV)
        self._requests = _Rows(directory / REQUESTS_CSV)
        self._failures = _Rows(directory / FAILURES_CSV)
        self._events = _Rows(directory / EVENTS_CSV)
        self._hlog = _Log(directory / LATENCY_HLOG)
        self.next_index = 0

    def read(self, before: int, take: Callable[[Interval], None], for_s: float) -> bool:
        """Give the next intervals below an index, for some time; whether none of them is left."""
        until_s = time.monotonic() + for_s
        while (index := self._index(self._results)) is not None and index < before:
            if time.monotonic() > until_s:
                return False
            take(self._interval(index))
        return True

    def columns_of(self, index: int) -> Mapping[str, object]:
        """The row of ``results.csv`` of an interval that ``read`` has not given; none if missing."""
        while (at := self._index(self._results)) is not None and at <= index:
            row = self._results.take()
            self.next_index = at + 1
            if at == index:
                return _columns(row)
        return {}

    def events_before(self, index: int) -> list[EventRow]:
        """The events up to the end of an interval that were not given yet."""
        events = []
        while (row := self._events.peek()) is not None:
            elapsed_s = float(row["elapsed_s"])
            if elapsed_s >= (index + 1) * self._interval_s:
                break
            texts = (original_text(row[name]) for name in ("kind", "subject", "message"))
            events.append(EventRow(elapsed_s, *texts))
            self._events.take()
        return events

    def close(self) -> None:
        for file in (self._results, self._requests, self._failures, self._events, self._hlog):
            file.close()

    def _index(self, rows: _Rows) -> int | None:
        row = rows.peek()
        return None if row is None else round(float(row["elapsed_s"]) / self._interval_s)

    def _interval(self, index: int) -> Interval:
        columns = self.columns_of(index)
        histograms = self._hlog.until((index + 1) * self._interval_s) if self._latencies else {}
        endpoints = self._endpoints(index, histograms)
        at_s = index * self._interval_s
        workers = columns.get("workers")
        row = IntervalRow(
            index=index,
            stage=str(columns["stage"]),
            window=str(columns["window"]),
            users=0,
            workers=int(workers) if isinstance(workers, float) else 0,
            offered=None,
            iterations=None,
            health={},
            services=_counts(histograms, SERVICE_TAG, at_s),
            open_model=None if columns.get("arrivals") is None else _OPEN,
            endpoints=endpoints,
            failures=self._failed(index) if endpoints else (),
            metrics={},
        )
        everything = Histogram(_counts(histograms, "", at_s))
        return Interval(row, everything, columns, self.events_before(index))

    def _endpoints(self, index: int, histograms: _Histograms) -> list[EndpointRow]:
        """Those whose longer interval ends with this one."""
        found = []
        while (row := self._requests.peek()) is not None:
            start_s, length_s = float(row["elapsed_s"]), float(row["interval_s"])
            if start_s + length_s > (index + 1) * self._interval_s + _FIRST_S:
                break
            names = original_text(row["type"]), original_text(row["name"])
            counts = _counts(histograms, endpoint_tag(*names), start_s)
            numbers = int(row["requests"]), int(row["failures"]), 0
            found.append(EndpointRow(*names, *numbers, counts))
            self._requests.take()
        return found

    def _failed(self, index: int) -> list[tuple[str, str, str, str, int]]:
        """Those of the endpoints that were given last, which are counted over the same time."""
        found = []
        while (at := self._index(self._failures)) is not None and at <= index:
            row = self._failures.take()
            kind, name, error, text = (
                original_text(row[column]) for column in ("type", "name", "error", "text")
            )
            found.append((kind, name, error, text, int(row["count"])))
        return found


def aborted_before(directory: Path) -> Abort | None:
    """The budget for which the run of a record was to be ended, if there was one."""
    rows = _Rows(directory / EVENTS_CSV)
    while (row := rows.peek()) is not None:
        rows.take()
        if row["kind"] == ABORT_EVENT:
            rows.close()
            message = original_text(row["message"]).partition(":")[0]
            return Abort(original_text(row["subject"]), float(row["elapsed_s"]), message)
    rows.close()
    return None


class _Rows:
    """The rows of a CSV file that grows, one after the other."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._header = self._cells(self._file.readline())
        self._next: dict[str, str] | None = None

    @staticmethod
    def _cells(line: bytes) -> list[str]:
        return next(csv.reader([line.decode("utf-8", "replace")]), [])

    def peek(self) -> dict[str, str] | None:
        """The next row, ``None`` when no more is written; damaged lines are passed over."""
        while self._next is None and (line := self._file.readline()):
            cells = self._cells(line)
            if len(cells) == len(self._header):
                self._next = dict(zip(self._header, cells, strict=True))
        return self._next

    def take(self) -> dict[str, str]:
        row = self.peek()
        assert row is not None
        self._next = None
        return row

    def close(self) -> None:
        self._file.close()


_Histograms = dict[tuple[str, int], Histogram]
"""By tag and start in milliseconds."""


class _Log:
    """The histograms of an interval log that grows, in the order in which they were written."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._next: HlogRow | None = None

    def until(self, end_s: float) -> _Histograms:
        """The histograms of the intervals that end by a moment."""
        found: _Histograms = defaultdict(Histogram)
        while (row := self._peek()) is not None and row.start_s < end_s - _FIRST_S:
            found[row.tag, round(row.start_s * 1000)] = decode(row.payload)
            self._next = None
        return found

    def _peek(self) -> HlogRow | None:
        while self._next is None and (line := self._file.readline()):
            self._next = parse_row(line.decode("utf-8", "replace"))
        return self._next

    def close(self) -> None:
        self._file.close()


def _counts(histograms: _Histograms, tag: str, start_s: float) -> Mapping[int, int]:
    histogram = histograms.get((tag, round(start_s * 1000)))
    return {} if histogram is None else histogram.counts


def _columns(row: Mapping[str, str]) -> dict[str, object]:
    texts = ("stage", "window")
    return {
        name: original_text(cell) if name in texts else float(cell) if cell else None
        for name, cell in row.items()
    }
