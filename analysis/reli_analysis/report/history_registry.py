"""The registry of reports of a history; one module ``history_*`` a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from reli_analysis.history.history import History


class HistoryReport(Protocol):
    """Turns a history into text. It renders and never computes."""

    def render(self, history: History) -> str:
        """The whole report, without a newline at its end."""
        ...


HISTORY_REPORTS: Registry[HistoryReport] = Registry("report format")
