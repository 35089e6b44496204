"""What Locust's ``contrib.csv_request_logger`` writes: a row a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.readers.base import READERS
from reli_analysis.readers.request_log.batch import Requests
from reli_analysis.readers.request_log.csv_log import STEADY_NOTE, CsvLog, read_log

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.readers.base import Guide
    from reli_analysis.readers.request_log.arrow import Columns
    from reli_analysis.series import Run

_NEEDED = ("timestamp", "request_type", "name", "response_time_ms", "exception")
_LOG = CsvLog(
    texts=("request_type", "name", "exception"),
    numbers=("timestamp", "response_time_ms"),
    time="timestamp",
)
_NOTES = (
    (
        "a request log of Locust: times are seconds since 1970 UTC at which requests were sent, "
        "latencies are Locust's response times, a request with an exception failed"
    ),
    STEADY_NOTE,
)


class LocustRequests:
    """Recognised by the names of its columns."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return _LOG.has_columns(head, _NEEDED)

    def read(self, path: Path, guide: Guide) -> Run:
        return read_log(path, _LOG, _requests, _NOTES, guide.progress)


def _requests(rows: Columns) -> Requests:
    exceptions = rows.labels("exception")
    return Requests(
        moments_s=rows.numbers("timestamp"),
        latency_ms=rows.numbers("response_time_ms"),
        endpoints=rows.labels("request_type").joined(rows.labels("name")),
        failed=exceptions.where(bool),
        errors=exceptions,
    )


READERS.register("locust request log", LocustRequests())
