"""A history that a person reads in ten seconds, for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome
from reli_analysis.report.history_parts import (
    HEADER,
    advice,
    cells,
    headline,
    span,
    title,
    warnings,
    worst_first,
)
from reli_analysis.report.history_registry import HISTORY_REPORTS
from reli_analysis.report.terminal import STYLES, Screen, bullets, printed, screen
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
        _verdict(console, history)
        for group in history.groups:
            _group(console, group)
        bullets(console, "could not be read", [why for _, why in history.unread])
        bullets(console, "what to do next", advice(history))

    return printed(on, draw)


def _verdict(console: Console, history: History) -> None:
    from rich.text import Text  # noqa: PLC0415 -- --help must not pay for rich

    word = history.outcome.value
    said = f"  {title(history)}: {one_line(headline(history))}"
    console.print(Text.assemble((word, STYLES[word]), said), soft_wrap=True)


def _group(console: Console, group: Group) -> None:
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    console.print()
    name = Text(f"  {one_line(group.name)}", style="bold")
    console.print(name.append(f"  {span(group)}", "dim"), soft_wrap=True)
    table = Table(box=None, show_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(f"  {HEADER[0]}", no_wrap=True)
    table.add_column(HEADER[1], overflow="fold", ratio=1)
    for heading in HEADER[2:]:
        table.add_column(heading, justify="right", no_wrap=heading != HEADER[5])
    for row in worst_first(group.rows):
        word, *others = cells(row)
        table.add_row(Text(f"  {word}", STYLES[word]), *map(Text, others))
    if group.rows:
        console.print(table)
    telling = (Outcome.REGRESSED, Outcome.INCONCLUSIVE, Outcome.IMPROVED)
    said = [row.message for row in worst_first(group.rows) if row.outcome in telling]
    bullets(console, "why", said)
    bullets(console, "warnings", warnings(group))


HISTORY_REPORTS.register("text", HistoryTextReport())
