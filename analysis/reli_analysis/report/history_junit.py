"""A history as JUnit XML: one case a level of each profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import worst_first
from reli_analysis.report.history_parts import headline_sentence, title
from reli_analysis.report.history_registry import HISTORY_REPORTS
from reli_analysis.report.junit_cases import Case, Suite, render_suites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.history.history import History


class HistoryJunitReport:
    """One suite a history."""

    def render(self, history: History) -> str:
        return render_suites([Suite(f"history: {title(history)}", tuple(_cases(history)))])


def _cases(history: History) -> Iterator[Case]:
    if history.outcome not in {row.outcome for group in history.groups for row in group.rows}:
        word, message = history.outcome, headline_sentence(history)
        yield Case("reli.history", "verdict", word.verdict, word.value, message)
    for group in history.groups:
        for row in worst_first(group.rows):
            name, word = row.course.followed.label, row.outcome
            classname = f"reli.history.{group.name}"
            yield Case(classname, name, word.verdict, word.value, row.message)


HISTORY_REPORTS.register("junit", HistoryJunitReport())
