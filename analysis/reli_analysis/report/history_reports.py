"""The reports of a history, registered: text, json, junit, markdown, html."""

from reli_analysis.report import (
    history_html,
    history_json,
    history_junit,
    history_markdown,
    history_text,
)
from reli_analysis.report.history_registry import HISTORY_REPORTS

__all__ = [
    "HISTORY_REPORTS",
    "history_html",
    "history_json",
    "history_junit",
    "history_markdown",
    "history_text",
]
