"""Writes how budgets stand: rows of ``budgets.csv``, and an event where one breaks or mends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reli_analysis.record.layout import BUDGETS_CSV
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.clock import RunClock
    from reli.recorder.told import Standing
    from reli_analysis.record import RecordWriter

TellEvent = Callable[[str, str, str, float], None]
"""Takes kind, subject, message, and the moment of the run in seconds."""

EVERY_S = 10.0

BREACH = "breach"
"""Kind of the event; its subject is the budget."""


class StandingRows:
    """Writes every budget each ten seconds, and one whose standing changes at once."""

    def __init__(self, writer: RecordWriter, clock: RunClock, event: TellEvent) -> None:
        self._writer = writer
        self._clock = clock
        self._event = event
        self._written: dict[str, tuple[float, Standing]] = {}
        self._now_s = 0.0
        self._due_s = 0.0

    def write(self, elapsed_s: float, standings: Sequence[Standing]) -> None:
        """Write what there is to write of the standings at a moment of the run."""
        self._now_s = elapsed_s
        due = elapsed_s >= self._due_s
        if due:
            self._due_s = elapsed_s + EVERY_S
        for standing in standings:
            self._look(standing, due=due)

    def take_up(self, elapsed_s: float, standings: Sequence[Standing]) -> None:
        """How they stood at a moment of which a recorder before this one has written."""
        self._now_s = elapsed_s
        for standing in standings:
            self._written[standing.budget] = (elapsed_s, standing)

    def finish(self, standings: Sequence[Standing]) -> None:
        """Write how all stand in the end, as of the moment of the last call."""
        for standing in standings:
            if self._written.get(standing.budget) != (self._now_s, standing):
                self._look(standing, due=True)

    def _look(self, standing: Standing, *, due: bool) -> None:
        _at_s, written = self._written.get(standing.budget, (0.0, None))
        before = written.standing if written else "unknown"
        if due or standing.standing != before:
            self._row(standing)
        if standing.standing != before and "broken" in {standing.standing, before}:
            self._event(BREACH, standing.budget, breach_message(standing), self._now_s)

    def _row(self, standing: Standing) -> None:
        self._written[standing.budget] = (self._now_s, standing)
        self._writer.row(
            BUDGETS_CSV,
            {
                "elapsed_s": round(self._now_s, 3),
                "wall_s": round(self._clock.wall_s(self._now_s), 3),
                **vars(standing),
            },
        )


def breach_message(standing: Standing) -> str:
    """One sentence of a budget that has just broken, or that is broken no more."""
    observed, limit = (format_value(v, standing.unit) for v in (standing.observed, standing.limit))
    match standing.standing:
        case "broken":
            return f"{observed} breaks the limit of {limit}"
        case "unknown":
            return "no longer broken: what it speaks of is measured no more"
        case "warns":
            return f"no longer broken: {observed}, still past the first limit of {limit}"
        case _:
            return f"no longer broken: {observed} keeps the limit of {limit}"
