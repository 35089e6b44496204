"""A comparison as Markdown for a pull request or a step summary: what moved first, all below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.outcome import Outcome
from reli_analysis.report.compare_parts import (
    HEADER,
    advice,
    cells,
    facts,
    headline_sentence,
    title,
    worst_first,
)
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.markdown import escape, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.row import Row

SIGNS = {
    Outcome.PASS: "✅",
    Outcome.IMPROVED: "🚀",
    Outcome.REGRESSED: "❌",
    Outcome.INCONCLUSIVE: "❔",
    Outcome.INVALID: "🚫",
}
_MOST_ROWS = 300
_MOST_NAMED = 20


class CompareMarkdownReport:
    """The report as GitHub renders it."""

    def render(self, comparison: Comparison) -> str:
        word = comparison.outcome
        rows = comparison.rows
        blocks = [
            f"## {SIGNS[word]} {word.value}: {escape(title(comparison))}",
            escape(headline_sentence(comparison)),
            _tripped(comparison),
            _warnings(comparison),
            _table([row for row in rows if row.endpoint == OVERALL]),
            _details("Endpoints", [row for row in rows if row.endpoint != OVERALL]),
            table(("run", ""), [(escape(f.label), escape(f.value)) for f in facts(comparison)]),
            _list("What to do next", advice(comparison)),
            _list("Notes", comparison.notes),
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
    shown = [
        [f"{SIGNS[row.outcome]} {row.outcome.value}", *map(escape, cells(row)[1:])]
        for row in rows[:_MOST_ROWS]
    ]
    more = len(rows) - len(shown)
    text = table(HEADER, shown, right=range(2, len(HEADER)))
    return text + (f"\n\nand {more} more rows" if more else "")


def _details(summary: str, rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    content = _table(worst_first(rows))
    return f"<details>\n<summary>{summary} ({len(rows)} rows)</summary>\n\n{content}\n\n</details>"


def _list(heading: str, items: Iterable[str]) -> str:
    lines = [f"- {escape(item)}" for item in items]
    return f"### {heading}\n\n" + "\n".join(lines) if lines else ""


COMPARE_REPORTS.register("markdown", CompareMarkdownReport())
