"""The table of endpoints, with what each column sorts by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reli_analysis.report.parts import endpoint_cells

if TYPE_CHECKING:
    from reli_analysis.summary import EndpointSummary


class Cell(NamedTuple):
    """What a cell shows and what it sorts by; ``None`` where nothing was measured."""

    text: str
    value: float | None


def endpoint_row(endpoint: EndpointSummary) -> tuple[str, list[Cell]]:
    """The endpoint's name and its numbers under ``parts.ENDPOINT_HEADER``."""
    name, *texts = endpoint_cells(endpoint)
    values = (
        endpoint.requests,
        endpoint.completed_per_s,
        endpoint.error_ratio,
        endpoint.p50_ms,
        endpoint.p95_ms,
        endpoint.p99_ms,
        endpoint.max_ms,
    )
    return name, [Cell(text, value) for text, value in zip(texts, values, strict=True)]
