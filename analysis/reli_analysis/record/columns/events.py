"""The columns of ``events.csv``: what happened, and when."""

from __future__ import annotations

from reli_analysis.record.columns.column import Column

EVENTS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("kind", "", "stage, worker, restart, exit, sampling, gap, clock, breach, recorder, ..."),
    Column("subject", "", "what it speaks of"),
    Column("message", "", "one sentence"),
)
