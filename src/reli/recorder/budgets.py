"""How the budgets of a record stand, also in one whose recorder was killed and started again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from reli.recorder.past import Interval, Past, aborted_before
from reli.standings import StandingRows, Standings
from reli_analysis.budgets import VOCABULARY
from reli_analysis.errors import RecordError
from reli_analysis.record import Histogram
from reli_analysis.record.layout import ABORT_EVENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.clock import RunClock
    from reli.recorder.checkpoint import Checkpoint
    from reli.recorder.events import EventLog
    from reli.recorder.protocol import IntervalRow
    from reli.recorder.rows import Written
    from reli.recorder.told import Abort, EventRow, Standing
    from reli_analysis.record import RecordWriter

_SLICE_S = 0.2
"""How long a sample may be late for reading what was written before."""

_LAST_S = 5.0
"""How long the end of a record waits for it."""


class LiveBudgets:
    """Standings with their rows and events; they begin where the recorder before had ended.

    Until what is written has been read again, nothing is told of them.
    """

    def __init__(
        self, writer: RecordWriter, clock: RunClock, events: EventLog, at: Checkpoint | None
    ) -> None:
        """``at`` is how far the recorder before had written, in a record that goes on."""
        self.abort: Abort | None = None
        """The budget for which the run is to be ended, from then on."""
        self._clock = clock
        self._events = events
        self._standings = Standings(writer.info)
        self._rows = StandingRows(writer, clock, events.add)
        self._past: Past | None = None
        self._held: deque[IntervalRow] = deque()
        self._judged = -1 if at is None else at.written
        if at is not None and self._standings.budgets:
            units = {VOCABULARY.get(b.function).unit for b in self._standings.budgets}
            self._past = Past(writer.directory, clock.interval_s, latencies="ms" in units)
            self.abort = aborted_before(writer.directory)

    def take(
        self, row: IntervalRow, written: Written | None, events: Sequence[EventRow]
    ) -> Sequence[Standing]:
        """Take an interval that was written now (or, without ``written``, before the death)."""
        if self._past is not None:
            self._held.append(row)
            return ()
        if written is None:
            return ()
        standings = self._standings.take(row, *written, events)
        self._rows.write((row.index + 1) * self._clock.interval_s, standings)
        self._note_abort()
        return standings

    def catch_up(self, gathered_from: int, for_s: float = _SLICE_S) -> None:
        """Read on in what is written; endpoints are, up to an interval. Everything is flushed."""
        if self._past is None:
            return
        while self._held and self._held[0].index < gathered_from:
            self._held.popleft()
        try:
            if self._past.read(gathered_from, self._take_again, for_s):
                self._take_held(self._past)
        except (ValueError, LookupError, RecordError) as error:
            said = f"how budgets stood cannot be read again ({error}): they count from here"
            self._events.add("recorder", "recorder", said)
            self._end_past(self._past)

    def _take_held(self, past: Past) -> None:
        """Those of which only Locust knows the endpoints so far; their columns are written."""
        for row in self._held:
            if row.index >= past.next_index and (columns := past.columns_of(row.index)):
                everything = Histogram()
                for endpoint in row.endpoints:
                    everything.add(endpoint.counts.keys(), endpoint.counts.values())
                events = past.events_before(row.index)
                self._take_again(Interval(row, everything, columns, events))
        self._held.clear()
        if past.next_index > self._judged:  # Locust has sent again what it had to
            self._end_past(past)

    def _end_past(self, past: Past) -> None:
        past.close()
        self._past = None
        self._held.clear()

    def _take_again(self, interval: Interval) -> None:
        standings = self._standings.take(*interval)
        index = interval.row.index
        write = self._rows.write if index > self._judged else self._rows.take_up
        write((index + 1) * self._clock.interval_s, standings)
        self._note_abort()

    def _note_abort(self) -> None:
        """Write down, once, that a budget ends the run."""
        if self.abort is None and (abort := self._standings.abort) is not None:
            self.abort = abort
            said = f"{abort.message}: the run is ended"
            self._events.add(ABORT_EVENT, abort.budget, said, abort.elapsed_s)

    def finish(self, gathered_from: int) -> None:
        """Write how all stand in the end, if that is known by now."""
        self.catch_up(gathered_from, _LAST_S)
        if self._past is None:
            self._rows.finish(self._standings.finish())
