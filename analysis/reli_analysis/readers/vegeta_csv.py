"""What ``vegeta encode --to csv`` writes: a row a request, without a header."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reli_analysis.readers.base import READERS
from reli_analysis.readers.request_log.batch import Requests
from reli_analysis.readers.request_log.csv_log import STEADY_NOTE, CsvLog, read_log

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from reli_analysis.readers.base import Guide
    from reli_analysis.readers.request_log.arrow import Columns
    from reli_analysis.readers.request_log.batch import Labels
    from reli_analysis.series import Run

_COLUMNS = (
    "timestamp", "code", "latency", "bytes_out", "bytes_in", "error", "body", "attack", "seq",
    "method", "url", "headers",
)  # fmt: skip
_FEWEST = 9
"""Older versions of Vegeta end with the number of the request."""
NOTES = (
    (
        "Vegeta's results: times are those at which requests were sent, latencies from then to the last "
        "byte; a request failed where its code is not 200 to 399, or an error is told"
    ),
    "endpoints are method and path: hosts and queries are left out of URLs",
    STEADY_NOTE,
)


class VegetaCsv:
    """Recognised by its first row: nanoseconds since 1970, a code, a latency and two sizes."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return len(_first(head)) >= _FEWEST

    def read(self, path: Path, guide: Guide) -> Run:
        with path.open("rb") as file:
            width = len(_first(file.read(1 << 20)))
        log = CsvLog(
            texts=("code", "error", "method", "url"),
            numbers=("timestamp", "latency"),
            time="timestamp",
            columns=_COLUMNS[:width],
            per_s=1e9,
        )
        return read_log(path, log, _requests, NOTES, guide.progress)


def _first(head: bytes) -> list[str]:
    """The fields of the first row when it is one of Vegeta's; none otherwise."""
    line = head.partition(b"\n")[0].decode("utf-8", "replace")
    try:
        row = next(csv.reader([line]), [])
    except csv.Error:
        return []
    if not _FEWEST <= len(row) <= len(_COLUMNS) or not all(cell.isdigit() for cell in row[:5]):
        return []
    since_1970 = 17 < len(row[0]) < 20
    return row if since_1970 and len(row[1]) <= 3 else []


def _requests(rows: Columns) -> Requests:
    return requests_of(rows, rows.numbers("timestamp") / 1e9)


def requests_of(rows: Columns, moments_s: np.ndarray) -> Requests:
    """From the columns that both of Vegeta's encodings share."""
    code, error = rows.labels("code"), rows.labels("error")
    return Requests(
        moments_s=moments_s,
        latency_ms=rows.numbers("latency") / 1e6,
        endpoints=endpoints(rows.labels("method"), rows.labels("url")),
        failed=error.where(bool) | ~code.where(_succeeded),
        errors=error.joined(code).map(lambda text: text.rpartition(" ")[0] or f"code{text}"),
    )


def endpoints(method: Labels, url: Labels) -> Labels:
    """Method and path of each request."""
    return method.joined(url.map(_path))


def _path(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


def _succeeded(code: str) -> bool:
    return code.isdigit() and 200 <= int(code[:4]) < 400


READERS.register("vegeta csv", VegetaCsv())
