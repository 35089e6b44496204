"""One figure of a benchmark: what was measured, beside what it must be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """``value`` must not exceed ``limit``, or with ``at_least`` not fall below; both in ``unit``."""

    name: str
    value: float
    limit: float
    unit: str
    how: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> str:
        """One row of the table in docs/performance.md."""
        word = "holds" if self.holds else "**missed**"
        bound = f"at least {self.limit:g}" if self.at_least else f"{self.limit:g}"
        return (
            f"| {self.name} | {self.value:.3g} {self.unit} | {bound} {self.unit} "
            f"| {word} | {self.how} |"
        )
