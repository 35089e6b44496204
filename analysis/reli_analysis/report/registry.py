"""The registry of report formats; one module of this package a format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.judgement import Judgement


class Report(Protocol):
    """Turns a judged run into text. It renders and never computes."""

    def render(self, judgement: Judgement) -> str:
        """The whole report, without a newline at its end."""
        ...


@runtime_checkable
class JoinedReport(Protocol):
    """A report whose several runs must stand in one document.

    ``unread`` holds the paths that could not be read, each with the sentence that says why.
    """

    def render_all(
        self, judgements: Sequence[Judgement], unread: Sequence[tuple[str, str]] = ()
    ) -> str: ...


REPORTS: Registry[Report] = Registry("report format")
