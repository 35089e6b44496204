"""A comparison as Markdown for a pull request or a step summary: what moved first, all below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.outcome import Outcome, worst_first
from reli_analysis.report.compare_parts import (
    HEADER,
    advice,
    cells,
    facts,
    headline_sentence,
    title,
)
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.markdown import details, escape, marked, section, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.row import Row

_MOST_ROWS = 300
_MOST_NAMED = 20


class CompareMarkdownReport:
    """The report as GitHub renders it."""

    def render(self, comparison: Comparison) -> str:
        word = comparison.outcome
        rows = comparison.rows
        blocks = [
            f"## {marked(word.value)}: {escape(title(comparison))}",
            escape(headline_sentence(comparison)),
            _tripped(comparison),
            _warnings(comparison),
            _table([row for row in rows if row.endpoint == OVERALL]),
            _folded("Endpoints", [row for row in rows if row.endpoint != OVERALL]),
            table(("run", ""), [(escape(f.label), escape(f.value)) for f in facts(comparison)]),
            section("What to do next", advice(comparison)),
            section("Notes", comparison.notes),
        ]
        return "\n\n".join(block for block in blocks if block)


def _tripped(comparison: Comparison) -> str:
    refused = [f"- **INVALID** {escape(d.message)}" for d in comparison.refusals]
    rows = [row for row in worst_first(comparison.rows) if row.outcome is Outcome.REGRESSED]
    said = [f"- **{row.outcome.value}** {escape(row.message)}" for row in rows[:_MOST_NAMED]]
    more = len(rows) - len(said)
    return "\n".join([*refused, *said, *([f"- and {more} more"] if more else [])])


def _warnings(comparison: Comparison) -> str:
    return "\n".join(f"- ⚠️ {escape(d.message)}" for d in comparison.warnings[:_MOST_NAMED])


def _table(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    shown = [[marked(row.outcome.value), *map(escape, cells(row)[1:])] for row in rows[:_MOST_ROWS]]
    more = len(rows) - len(shown)
    text = table(HEADER, shown, right=range(2, len(HEADER)))
    return text + (f"\n\nand {more} more rows" if more else "")


def _folded(summary: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    return details(f"{summary} ({len(rows)} rows)", _table(worst_first(rows)))


COMPARE_REPORTS.register("markdown", CompareMarkdownReport())
