"""The columns of ``failures.csv``: what failed, counted."""

from __future__ import annotations

from reli_analysis.record.columns.column import Column

FAILURES_COLUMNS = (
    Column("elapsed_s", "s", "start of the interval (at most ten seconds) in which they happened"),
    Column("type", "", "kind of request"),
    Column("name", "", "the endpoint's name"),
    Column("error", "", "class of the error"),
    Column("text", "", "its text, shortened; (other) once too many distinct texts were seen"),
    Column("count", "count", "how many in the interval"),
)
