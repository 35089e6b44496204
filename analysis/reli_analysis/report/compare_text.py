"""A comparison that a person reads in ten seconds, for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome
from reli_analysis.report.compare_parts import (
    HEADER,
    advice,
    cells,
    facts,
    headline,
    title,
    worst_first,
)
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.parts import plural
from reli_analysis.report.terminal import STYLES, Screen, bullets, printed, screen
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
        _verdict(console, comparison)
        _facts(console, comparison)
        _table(console, comparison)
        _said(console, comparison.rows)
        refusals = [d.message for d in comparison.refusals]
        bullets(console, "why they cannot be compared", refusals)
        bullets(console, "warnings", [d.message for d in comparison.warnings])
        bullets(console, "notes", comparison.notes)
        bullets(console, "what to do next", advice(comparison))

    return printed(on, draw)


def _verdict(console: Console, comparison: Comparison) -> None:
    from rich.text import Text  # noqa: PLC0415 -- --help must not pay for rich

    word = comparison.outcome.value
    said = f"  {title(comparison)}: {one_line(headline(comparison))}"
    console.print(Text.assemble((word, STYLES[word]), said), soft_wrap=True)


def _facts(console: Console, comparison: Comparison) -> None:
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    grid = Table(box=None, show_header=False, show_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, value in facts(comparison):
        grid.add_row(f"  {label}", Text(one_line(value)))
    console.print()
    console.print(grid)


def _table(console: Console, comparison: Comparison) -> None:
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows = worst_first(comparison.rows)
    if not rows:
        return
    table = Table(box=None, show_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(f"  {HEADER[0]}", no_wrap=True)
    table.add_column(HEADER[1], overflow="fold", ratio=1)
    for name in HEADER[2:]:
        table.add_column(name, justify="right", no_wrap=name != HEADER[5])
    for row in rows[:_MOST_ROWS]:
        word, *others = cells(row)
        table.add_row(Text(f"  {word}", STYLES[word]), *map(Text, others))
    console.print()
    console.print(table)
    if len(rows) > _MOST_ROWS:
        console.print(f"  and {plural(len(rows) - _MOST_ROWS, 'more row')}")


def _said(console: Console, rows: Sequence[Row]) -> None:
    """The sentences of the rows that did not pass, the worst first."""
    telling = (Outcome.REGRESSED, Outcome.INCONCLUSIVE)
    told = [row.message for row in worst_first(rows) if row.outcome in telling]
    bullets(console, "why", told[:_MOST_SAID], more=len(told) - _MOST_SAID)


COMPARE_REPORTS.register("text", CompareTextReport())
