"""A history as Markdown for a pull request or a step summary: what got worse first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome, worst_first
from reli_analysis.report.history_parts import (
    HEADER,
    advice,
    cells,
    headline_sentence,
    span,
    title,
    warnings,
)
from reli_analysis.report.history_registry import HISTORY_REPORTS
from reli_analysis.report.markdown import escape, marked, section, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.history.history import Group, History

_MOST_GROUPS = 30
_MOST_UNREAD = 10


class HistoryMarkdownReport:
    """The report as GitHub renders it."""

    def render(self, history: History) -> str:
        word = history.outcome
        blocks = [
            f"## {marked(word.value)}: {escape(title(history))}",
            escape(headline_sentence(history)),
        ]
        for group in history.groups[:_MOST_GROUPS]:
            blocks += _group(group)
        more = len(history.groups) - _MOST_GROUPS
        blocks.append(f"and {more} more profiles" if more > 0 else "")
        blocks.append("\n".join(f"- ⚠️ {escape(why)}" for _, why in history.unread[:_MOST_UNREAD]))
        blocks.append(section("What to do next", advice(history)))
        return "\n\n".join(block for block in blocks if block)


def _group(group: Group) -> Iterator[str]:
    yield f"### {escape(group.name)}: {escape(span(group))}"
    told = [row for row in worst_first(group.rows) if row.outcome is Outcome.REGRESSED]
    yield "\n".join(f"- **{row.outcome.value}** {escape(row.message)}" for row in told)
    yield "\n".join(f"- ⚠️ {escape(text)}" for text in warnings(group))
    rows = [
        [marked(row.outcome.value), *map(escape, cells(row)[1:])] for row in worst_first(group.rows)
    ]
    yield table(HEADER, rows, right=range(2, len(HEADER))) if rows else ""


HISTORY_REPORTS.register("markdown", HistoryMarkdownReport())
