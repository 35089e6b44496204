"""The reports of a comparison, registered: text, json, junit, markdown, html."""

from reli_analysis.report import (
    compare_html,
    compare_json,
    compare_junit,
    compare_markdown,
    compare_text,
)
from reli_analysis.report.compare_registry import COMPARE_REPORTS

__all__ = [
    "COMPARE_REPORTS",
    "compare_html",
    "compare_json",
    "compare_junit",
    "compare_markdown",
    "compare_text",
]
