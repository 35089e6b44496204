"""Gives the intervals of a record to budgets as they stand, as the recorder did while it wrote."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reli.recorder.past import Interval, Past
from reli.standings import Standings
from reli_analysis.record import read_run_info

if TYPE_CHECKING:
    from pathlib import Path

    from reli.recorder.told import Standing

_LONGEST_S = 60.0


def intervals(path: Path) -> list[Interval]:
    """The intervals of a record, one after the other."""
    taken: list[Interval] = []
    past = Past(path, read_run_info(path).interval_s, latencies=True)
    assert past.read(1_000_000, taken.append, _LONGEST_S)
    past.close()
    return taken


def last_standings(path: Path, budgets: tuple[str, ...]) -> dict[str, Standing]:
    """How budgets stood when the record ended, by their text."""
    standings = Standings(dataclasses.replace(read_run_info(path), budgets=budgets))
    for interval in intervals(path):
        standings.take(*interval)
    return {standing.budget: standing for standing in standings.finish()}
