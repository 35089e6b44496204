"""The registry of reports of a comparison; one module ``compare_*`` a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from reli_analysis.compare.comparison import Comparison


class CompareReport(Protocol):
    """Turns a comparison into text. It renders and never computes."""

    def render(self, comparison: Comparison) -> str:
        """The whole report, without a newline at its end."""
        ...


COMPARE_REPORTS: Registry[CompareReport] = Registry("report format")
