"""What ``k6 run --out csv=FILE`` writes: a row a sample of each of its metrics.

Only the samples of a request's duration are requests; iterations that k6 could not begin, because
no VU was free, are arrivals given up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS
from reli_analysis.readers.moments import epoch_per_s
from reli_analysis.readers.request_log.batch import Gauge, Labels, Requests
from reli_analysis.readers.request_log.csv_log import STEADY_NOTE, CsvLog, first_row, read_log
from reli_analysis.record.layout import ARRIVAL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.base import Guide
    from reli_analysis.readers.request_log.arrow import Columns
    from reli_analysis.series import Run

_NEEDED = ("metric_name", "timestamp", "metric_value")
_REQUESTS = frozenset({"http_req_duration", "grpc_req_duration"})
_DROPPED = "dropped_iterations"
_LEVELS = {"vus": "users"}
_TAGS = ("metric_name", "method", "name", "status", "error", "error_code", "expected_response")


class K6Csv:
    """Recognised by the three columns that k6 always writes first."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return CsvLog.header(head)[1][:3] == _NEEDED

    def read(self, path: Path, guide: Guide) -> Run:
        columns, row = first_row(path)
        first = row.get("timestamp", "")
        per_s = epoch_per_s(first)
        told = (
            f"k6's samples: times are {_FINENESS.get(per_s, 'dates')}, at which requests ended; "
            "a latency is http_req_duration (grpc_req_duration), from sending to the last byte; "
            + _failed_how(columns),
            "a request without an answer, of which k6 writes 0 ms, has no latency",
            STEADY_NOTE,
        )
        log = CsvLog(
            texts=_TAGS,
            numbers=("metric_value", "timestamp"),
            time="timestamp",
            per_s=per_s or 1.0,
        )
        if "expected_response" not in columns and "status" not in columns:
            raise InputError(
                f"{path} tells of no request whether it failed: k6 was run without the system tags "
                "expected_response and status"
            )
        return read_log(path, log, lambda rows: _requests(rows, per_s), told, guide.progress)


_FINENESS = {1.0: "seconds since 1970 UTC", 1e3: "milliseconds since 1970 UTC"} | {
    1e6: "microseconds since 1970 UTC",
    1e9: "nanoseconds since 1970 UTC",
}


def _failed_how(columns: tuple[str, ...]) -> str:
    if "expected_response" in columns:
        return "a request failed where expected_response is not true"
    return "a request failed where its status is 0, or 400 and above"


def _requests(rows: Columns, per_s: float) -> Requests:
    metrics = rows.labels("metric_name")
    gauges = tuple(_gauges(rows, metrics, per_s))
    of_requests = metrics.where(_REQUESTS.__contains__)
    dropped = metrics.where(lambda name: name == _DROPPED)
    rows = rows.chosen(of_requests | dropped)
    kinds = rows.labels("metric_name")
    is_dropped = kinds.where(lambda name: name == _DROPPED)
    status = rows.labels("status")
    unanswered = is_dropped | status.where(lambda text: text in {"", "0"})
    expected = rows.labels("expected_response")
    if expected.texts == [""]:
        failed = unanswered | status.where(lambda text: text >= "400")
    else:
        failed = ~expected.where(lambda text: text == "true")
    durations = rows.numbers("metric_value")
    names = rows.labels("method").joined(rows.labels("name"))
    errors = rows.labels("error").joined(status).map(_error)
    given_up = Labels([f"{ARRIVAL} (dropped)", "no VU was free"], np.zeros(len(rows), np.int64))
    if is_dropped.any():
        names = _either(is_dropped, given_up, names, 0)
        errors = _either(is_dropped, given_up, errors, 1)
    return Requests(
        moments_s=_moments(rows, per_s),
        latency_ms=np.where(is_dropped | (unanswered & (durations <= 0)), np.nan, durations),
        endpoints=names,
        failed=failed | is_dropped,
        errors=errors,
        gauges=gauges,
    )


def _either(rows: NDArray[np.bool_], of: Labels, other: Labels, at: int) -> Labels:
    """The text ``at`` in these rows, and the other labels in the others."""
    texts = [of.texts[at], *other.texts]
    return Labels(texts, np.where(rows, 0, other.codes + 1))


def _error(text: str) -> str:
    """An error with its status, as they stand beside each other."""
    said, _, status = text.rpartition(" ")
    return said or f"status {status}"


def _moments(rows: Columns, per_s: float) -> NDArray[np.float64]:
    if per_s:
        return rows.numbers("timestamp") / per_s
    return rows.dates("timestamp")


def _gauges(rows: Columns, metrics: Labels, per_s: float) -> list[Gauge]:
    """Users, and arrivals where some were given up: those that began, and those that did not."""
    found = []
    for metric, name in _LEVELS.items():
        some = rows.chosen(metrics.where(metric.__eq__))
        found.append(Gauge(name, _moments(some, per_s), some.numbers("metric_value")))
    some = rows.chosen(metrics.where(lambda text: text == _DROPPED))
    if len(some):
        moments, counts = _moments(some, per_s), some.numbers("metric_value")
        found.append(Gauge("dropped", moments, counts, summed=True))
    return found


READERS.register("k6 csv", K6Csv())
