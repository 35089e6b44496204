"""The columns of ``metrics.csv``: numbers that targets publish themselves."""

from __future__ import annotations

from reli_analysis.record.columns.column import Column

METRICS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run to the sample"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("source", "", "the sampling source that read it, as the profile names it"),
    Column("host", "", "name of the host that publishes it"),
    Column("metric", "", "its name with its labels, or the name that the target gives it"),
    Column("value", "", "in the unit that the name states"),
)
"""``metrics.csv``: a row a number that a target publishes and sample."""
