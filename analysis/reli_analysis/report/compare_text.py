"""A comparison that a person reads in ten seconds, for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome, worst_first
from reli_analysis.report.compare_parts import (
    HEADER,
    advice,
    cells,
    facts,
    headline,
    title,
)
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.parts import plural
from reli_analysis.report.terminal import (
    Screen,
    bullets,
    grid,
    printed,
    say_verdict,
    screen,
    table_of,
)
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.row import Row

_MOST_ROWS = 60
_MOST_SAID = 6


class CompareTextReport:
    """The report in the form that standard output can show."""

    def render(self, comparison: Comparison) -> str:
        return render_text(comparison, screen())


def render_text(comparison: Comparison, on: Screen) -> str:
    """The report on a screen of some width."""

    def draw(console: Console) -> None:
        sentence = f"{title(comparison)}: {one_line(headline(comparison))}"
        say_verdict(console, comparison.outcome.value, sentence)
        _facts(console, comparison)
        _table(console, comparison)
        _said(console, comparison.rows)
        refusals = [d.message for d in comparison.refusals]
        bullets(console, "why they cannot be compared", refusals)
        bullets(console, "warnings", [d.message for d in comparison.warnings])
        bullets(console, "notes", comparison.notes)
        bullets(console, "what to do next", advice(comparison))

    return printed(on, draw)


def _facts(console: Console, comparison: Comparison) -> None:
    from rich.text import Text  # noqa: PLC0415 -- --help must not pay for rich

    lines = grid()
    lines.add_column(no_wrap=True, style="dim")
    lines.add_column(overflow="fold")
    for label, value in facts(comparison):
        lines.add_row(f"  {label}", Text(one_line(value)))
    console.print()
    console.print(lines)


def _table(console: Console, comparison: Comparison) -> None:
    rows = worst_first(comparison.rows)
    if not rows:
        return
    console.print()
    console.print(table_of(HEADER, [cells(row) for row in rows[:_MOST_ROWS]]))
    if len(rows) > _MOST_ROWS:
        console.print(f"  and {plural(len(rows) - _MOST_ROWS, 'more row')}")


def _said(console: Console, rows: Sequence[Row]) -> None:
    """The sentences of the rows that did not pass, the worst first."""
    telling = (Outcome.REGRESSED, Outcome.INCONCLUSIVE)
    told = [row.message for row in worst_first(rows) if row.outcome in telling]
    bullets(console, "why", told[:_MOST_SAID], more=len(told) - _MOST_SAID)


COMPARE_REPORTS.register("text", CompareTextReport())
