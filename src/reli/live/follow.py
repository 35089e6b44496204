"""Follows a record on disk, of a run that goes on or has ended, into a :class:`LiveRun`."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING

from reli.live.happenings import Event
from reli.live.run import RESULT_COLUMNS, Budget, LiveRun, Subject
from reli.live.tail import Tail
from reli.live.wire import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_SUBJECTS,
    SUBJECT_COLUMNS,
    SUBJECT_KINDS,
    plain_text,
)
from reli_analysis.errors import RecordError
from reli_analysis.record.checked import read_checked_info
from reli_analysis.record.csvfile import original_text
from reli_analysis.record.layout import (
    BUDGETS_CSV,
    EVENTS_CSV,
    RESOURCES_CSV,
    RESULTS_CSV,
    RUN_JSON,
    VERDICT_JSON,
)

if TYPE_CHECKING:
    from pathlib import Path

_TIMES = ("elapsed_s", "stage", "window")
_SUBJECT = ("elapsed_s", "role", "source", "kind", "host", "process")
_EVENT = ("elapsed_s", "kind", "subject", "message")
_BUDGET = ("budget", "observed", "limit", "unit", "standing")
_LONGEST_RUN_S = 100 * 365 * 86400


class Follower:
    """Reads what is new in the files of one record."""

    def __init__(self, directory: Path) -> None:
        """Raises ``RecordError`` when it is no record."""
        self._directory = directory
        info = read_checked_info(directory)
        self.run = LiveRun(info, recent=False)
        metrics = [metric.name for metric in info.metrics]
        self._info_written = 0
        self._subjects: dict[tuple[str, ...], Subject] = {}
        self._columns = (*RESULT_COLUMNS, *metrics)
        self._results = Tail(directory / RESULTS_CSV, (*_TIMES, *self._columns))
        self._resources = Tail(
            directory / RESOURCES_CSV, (*_SUBJECT, *SUBJECT_COLUMNS), ("kind", SUBJECT_KINDS)
        )
        self._events = Tail(directory / EVENTS_CSV, _EVENT)
        self._budgets = Tail(directory / BUDGETS_CSV, _BUDGET)

    @property
    def tails(self) -> tuple[Tail, ...]:
        return (self._results, self._resources, self._events, self._budgets)

    @property
    def share_read(self) -> float:
        """How much of the files was read, of what there is now."""
        size_bytes = sum(tail.size_bytes for tail in self.tails)
        return min(1.0, sum(tail.read_bytes for tail in self.tails) / max(size_bytes, 1))

    @property
    def quiet_s(self) -> float:
        """For how long the results have not grown, by the clock of the files."""
        with suppress(OSError):
            return time.time() - (self._directory / RESULTS_CSV).stat().st_mtime
        return 0.0

    def read(self) -> bool:
        """Read on, a bounded stretch; returns whether there may be more right away."""
        before = [tail.read_bytes for tail in self.tails]
        for row in self._results.rows():
            self._take_result(row)
        # What was measured lies on the axis that the load's intervals make.
        if self._results.read_bytes == before[0]:
            self._read_the_rest()
        return [tail.read_bytes for tail in self.tails] != before

    def _read_the_rest(self) -> None:
        for row in self._resources.rows():
            self._take_resource(row)
        for elapsed, kind, subject, message in self._events.rows():
            elapsed_s = _number(elapsed)
            if elapsed_s is not None:
                texts = (_text(kind), _text(subject), _text(message))
                self.run.take_event(Event(elapsed_s, *texts))
        for budget, observed, limit, unit, standing in self._budgets.rows():
            numbers = (_number(observed), _number(limit))
            self.run.take_budgets([Budget(_text(budget), *numbers, _text(unit), _text(standing))])
        self._look_at_info()

    def _take_result(self, row: tuple[str, ...]) -> None:
        elapsed_s = _number(row[0])
        if elapsed_s is None or not 0 <= elapsed_s < _LONGEST_RUN_S:
            return
        values = {
            name: float(cell)
            for name, cell in zip(self._columns, row[len(_TIMES) :], strict=True)
            if cell and _is_number(cell)
        }
        index = round(elapsed_s / self.run.info.interval_s)
        self.run.take_row(index, values, _text(row[1]), _text(row[2]))

    def _take_resource(self, row: tuple[str, ...]) -> None:
        elapsed_s = _number(row[0])
        if elapsed_s is None or not 0 <= elapsed_s < _LONGEST_RUN_S:
            return
        cells = zip(SUBJECT_COLUMNS, row[len(_SUBJECT) :], strict=True)
        values = {name: float(cell) for name, cell in cells if cell and _is_number(cell)}
        role, source, kind, host, process = row[1 : len(_SUBJECT)]
        if kind not in SUBJECT_KINDS:  # a record of format 1 tells processes alone
            return
        texts = (role, source, kind, host, process)
        subject = self._subjects.get(texts)
        if subject is None:
            if len(self._subjects) >= MOST_SUBJECTS:
                return
            subject = Subject(*(_text(text, LONGEST_NAME) for text in texts))
            self._subjects[texts] = subject
        self.run.take_reading(self.run.index_of_sample(elapsed_s), subject, values)

    def _look_at_info(self) -> None:
        """Read ``run.json`` again when it was written again."""
        with suppress(OSError, RecordError):
            written = (self._directory / RUN_JSON).stat().st_mtime_ns
            if written != self._info_written:
                self.run.change_info(read_checked_info(self._directory))
                self._info_written = written

    def verdict(self) -> str:
        """The analysis' verdict on the run; empty as long as there is none."""
        try:
            judged = json.loads((self._directory / VERDICT_JSON).read_text(encoding="utf-8"))
            return str(judged["verdict"])
        except (OSError, ValueError, LookupError, TypeError):
            return ""


def _text(cell: str, longest: int = LONGEST_TEXT) -> str:
    return plain_text(original_text(cell), longest)


def _number(cell: str) -> float | None:
    return float(cell) if _is_number(cell) else None


def _is_number(cell: str) -> bool:
    try:
        return isfinite(float(cell))
    except ValueError:
        return False
