"""A comparison as JUnit XML: one case a row, and one for what makes the whole INVALID."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import worst_first
from reli_analysis.report.compare_parts import headline_sentence, title
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.junit_cases import Case, Suite, render_suites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.compare.comparison import Comparison


class CompareJunitReport:
    """One suite a comparison."""

    def render(self, comparison: Comparison) -> str:
        return render_suites([Suite(f"compare: {title(comparison)}", tuple(_cases(comparison)))])


def _cases(comparison: Comparison) -> Iterator[Case]:
    outcome = comparison.outcome
    if outcome not in {row.outcome for row in comparison.rows}:
        message = headline_sentence(comparison)
        yield Case("reli.compare", "verdict", outcome.verdict, outcome.value, message)
    for row in worst_first(comparison.rows):
        word = row.outcome
        yield Case("reli.compare", row.name, word.verdict, word.value, row.message)


COMPARE_REPORTS.register("junit", CompareJunitReport())
