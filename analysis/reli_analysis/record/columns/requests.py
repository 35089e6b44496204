"""The columns of ``requests.csv``: the load by endpoint."""

from __future__ import annotations

from reli_analysis.record.columns.column import INTERVAL, Column
from reli_analysis.record.columns.times import RESPONSE

REQUESTS_COLUMNS = (
    *INTERVAL,
    Column("window", "", "warm-up, steady, fault, recovery or cool-down"),
    Column("type", "", "kind of request, as given to Locust's request event"),
    Column("name", "", "the endpoint's name"),
    Column("requests", "count", "requests answered, failures included"),
    Column("failures", "count", "requests that failed"),
    Column("response_bytes", "bytes", "sum of the lengths of the answers"),
    *RESPONSE,
)
"""``requests.csv``: a row an endpoint and (at most) ten seconds."""
