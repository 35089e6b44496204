"""JMeter's results (JTL) as CSV: a row a sample.

Which columns there are is up to JMeter's settings; a header is needed to know them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.base import READERS
from reli_analysis.readers.moments import date_form, epoch_per_s, has_zone
from reli_analysis.readers.request_log.batch import Gauge, Requests
from reli_analysis.readers.request_log.csv_log import STEADY_NOTE, CsvLog, first_row, read_log

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.readers.base import Guide
    from reli_analysis.readers.request_log.arrow import Columns
    from reli_analysis.series import Run

_NEEDED = ("timeStamp", "elapsed", "label", "success")
_TEXTS = ("label", "success", "responseCode", "responseMessage", "failureMessage")
_TRANSACTION = "Number of samples in transaction"
NOTE = (
    "JMeter's results: latencies are elapsed, from sending to the last byte; a sample failed where "
    "success is not true"
)
TRANSACTIONS = (
    "samples of transaction controllers contain others, so they count for their own name only"
)


class JMeterCsv:
    """Recognised by its header."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return CsvLog.has_columns(head, _NEEDED)

    def read(self, path: Path, guide: Guide) -> Run:
        _columns, row = first_row(path)
        first = row.get("timeStamp", "")
        per_s = epoch_per_s(first)
        form = "" if per_s else date_form(first)
        log = CsvLog(
            texts=_TEXTS,
            numbers=("elapsed", "allThreads", "timeStamp"),
            time="timeStamp",
            per_s=per_s or 1.0,
        )

        def requests(rows: Columns) -> Requests:
            return _requests(rows, per_s, form)

        when = f"times are {_when(first, per_s, form)}, at which samples began (JMeter's usual setting)"
        return read_log(
            path, log, requests, (NOTE, when, TRANSACTIONS, STEADY_NOTE), guide.progress
        )


def _when(first: str, per_s: float, form: str) -> str:
    if per_s:
        return "milliseconds since 1970 UTC" if per_s == 1e3 else "moments since 1970 UTC"
    zone = "" if has_zone(first) else ", whose zone of time is not told, so their hours may differ"
    return f"dates ({form.replace('%', '')}){zone}"


def _requests(rows: Columns, per_s: float, form: str) -> Requests:
    moments = rows.numbers("timeStamp") / per_s if per_s else rows.dates("timeStamp", form)
    message = rows.labels("responseMessage")
    failure = rows.labels("failureMessage")
    code = rows.labels("responseCode")
    return Requests(
        moments_s=moments,
        latency_ms=rows.numbers("elapsed"),
        endpoints=rows.labels("label").map(lambda label: f"sample {label}"),
        failed=~rows.labels("success").where(lambda text: text.strip().lower() == "true"),
        errors=code.joined(message).joined(failure).map(str.strip),
        parts=message.where(lambda text: text.startswith(_TRANSACTION)),
        gauges=(Gauge("users", moments, _positive(rows.numbers("allThreads"))),),
    )


def _positive(threads: np.ndarray) -> np.ndarray:
    """Threads as a level; a log without them, or with 0 in every row, tells none."""
    with np.errstate(invalid="ignore"):
        return np.where(threads > 0, threads, np.nan)


READERS.register("jmeter csv", JMeterCsv())
