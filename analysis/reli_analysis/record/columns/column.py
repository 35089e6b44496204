"""What a column is, and the columns that begin the rows of several files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a CSV file: its name, the unit of its values, what they mean.

    A ``counter`` only grows, from the start of the process, cgroup or host that it is of.
    """

    name: str
    unit: str
    meaning: str
    counter: bool = False


INTERVAL = (
    Column("elapsed_s", "s", "seconds from the start of the run to the start of the interval"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("interval_s", "s", "length of the interval"),
)
