"""A history that a person reads in ten seconds, for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome, worst_first
from reli_analysis.report.history_parts import (
    HEADER,
    advice,
    cells,
    headline,
    span,
    title,
    warnings,
)
from reli_analysis.report.history_registry import HISTORY_REPORTS
from reli_analysis.report.terminal import Screen, bullets, printed, say_verdict, screen, table_of
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from reli_analysis.history.history import Group, History


class HistoryTextReport:
    """The report in the form that standard output can show."""

    def render(self, history: History) -> str:
        return render_text(history, screen())


def render_text(history: History, on: Screen) -> str:
    """The report on a screen of some width."""

    def draw(console: Console) -> None:
        sentence = f"{title(history)}: {one_line(headline(history))}"
        say_verdict(console, history.outcome.value, sentence)
        for group in history.groups:
            _group(console, group)
        bullets(console, "could not be read", [why for _, why in history.unread])
        bullets(console, "what to do next", advice(history))

    return printed(on, draw)


def _group(console: Console, group: Group) -> None:
    from rich.text import Text  # noqa: PLC0415 -- --help must not pay for rich

    console.print()
    name = Text(f"  {one_line(group.name)}", style="bold")
    console.print(name.append(f"  {span(group)}", "dim"), soft_wrap=True)
    if group.rows:
        console.print(table_of(HEADER, [cells(row) for row in worst_first(group.rows)]))
    telling = (Outcome.REGRESSED, Outcome.INCONCLUSIVE, Outcome.IMPROVED)
    said = [row.message for row in worst_first(group.rows) if row.outcome in telling]
    bullets(console, "why", said)
    bullets(console, "warnings", warnings(group))


HISTORY_REPORTS.register("text", HistoryTextReport())
