"""One figure of a benchmark: what was measured, beside what it must be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` must not exceed ``limit``; both in ``unit``."""

    name: str
    value: float
    limit: float
    unit: str
    how: str

    @property
    def holds(self) -> bool:
        return self.value <= self.limit

    def row(self) -> str:
        """One row of the table in docs/performance.md."""
        word = "holds" if self.holds else "**missed**"
        return (
            f"| {self.name} | {self.value:.3g} {self.unit} | {self.limit:g} {self.unit} "
            f"| {word} | {self.how} |"
        )
