"""One interval as budgets see it, and which part of the run it lies in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.record.layout import DRAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reli.recorder.protocol import IntervalRow
    from reli.recorder.told import EventRow

TOLERANCE_S = 1e-3
"""As ``reli_analysis.selection.TIME_TOLERANCE_S``: times are written to the millisecond."""


@dataclass(frozen=True)
class Moment:
    """One interval: the row of ``results.csv`` that was written, and what it was written from.

    ``buckets`` are the response times of all requests. ``judged`` and ``under_load`` are what
    ``steady_spans`` and ``load_spans`` of ``reli_analysis.selection`` choose of the window that a
    budget judges: the drain after a steady stage is judged but not under load. ``stretch`` counts
    the stretches of that window up to this one, which began at ``stretch_start_s``; neighbours are
    one stretch whatever their stage.
    """

    row: IntervalRow
    columns: Mapping[str, object]
    buckets: Mapping[int, int]
    events: Sequence[EventRow]
    start_s: float
    end_s: float
    judged: bool
    under_load: bool
    stretch: int
    stretch_start_s: float

    def number(self, column: str) -> float | None:
        """The value of a column of ``results.csv``, ``None`` where nothing was measured."""
        value = self.columns.get(column)
        # NaN is written as an empty cell, too.
        return float(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 -- NaN


class Timeline:
    """Follows the stages of the intervals that pass, and the stretches of one of the windows."""

    def __init__(self, interval_s: float, window: str) -> None:
        self._interval_s = interval_s
        self._window = window
        self._stage = ""
        self._judged_until_s: float | None = None
        self._stretch = 0
        self._stretch_start_s = 0.0

    def moment(
        self,
        row: IntervalRow,
        buckets: Mapping[int, int],
        columns: Mapping[str, object],
        events: Sequence[EventRow],
    ) -> Moment:
        """The place of the interval that follows the one of the call before."""
        start_s, end_s = row.index * self._interval_s, (row.index + 1) * self._interval_s
        judged = row.window == self._window
        if judged and not self._goes_on(row.stage, start_s):
            self._stretch += 1
            self._stretch_start_s = start_s
        self._judged_until_s = end_s if judged else None
        self._stage = row.stage
        return Moment(
            row=row,
            columns=columns,
            buckets=buckets,
            events=events,
            start_s=start_s,
            end_s=end_s,
            judged=judged,
            under_load=judged and row.stage != DRAIN,
            stretch=self._stretch,
            stretch_start_s=self._stretch_start_s,
        )

    def _goes_on(self, stage: str, start_s: float) -> bool:
        """Whether a stretch goes on: intervals may be missing within a stage."""
        until_s = self._judged_until_s
        if until_s is None:
            return False
        return stage == self._stage or start_s <= until_s + self._interval_s / 2
