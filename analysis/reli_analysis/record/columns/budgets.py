"""The columns of ``budgets.csv``: how budgets stood while the run went on."""

from __future__ import annotations

from reli_analysis.record.columns.column import Column

BUDGETS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("budget", "", "the budget as it was written"),
    Column("observed", "", "what it has come to so far, in its unit; empty when nothing is known"),
    Column("limit", "", "the limit that it is held against, in the same unit"),
    Column("unit", "", "that unit"),
    Column("standing", "", "unknown, holds, warns or broken"),
)
"""``budgets.csv``: a row a budget, every ten seconds and when its standing changes."""
