"""A budget as parsed: what is measured, of what, and the limits it must keep."""

from __future__ import annotations

import operator
from dataclasses import dataclass

from reli_analysis.units import format_value

COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True)
class Budget:
    """One line of a profile's ``budgets``.

    ``function`` is its name in the vocabulary, ``word`` how the line spells it. ``limit`` and
    ``critical`` are in ``unit``. ``metrics`` are column names (aliases resolved) of functions that
    take some; ``endpoint`` is a pattern. ``over_s`` asks for every sliding window of that length.
    """

    text: str
    function: str
    word: str
    unit: str = ""
    comparison: str = ""
    limit: float = 0.0
    critical: float | None = None
    quantile: float | None = None
    metrics: tuple[str, ...] = ()
    endpoint: str | None = None
    over_s: float | None = None
    abort: bool = False

    @property
    def metric(self) -> str:
        """The one metric of a function that takes one."""
        return self.metrics[0]

    @property
    def subject(self) -> str:
        """What it speaks of: ``rss_bytes``, ``p95``, ``p99 of "GET /x"``."""
        if self.metrics:
            return ", ".join(self.metrics)
        return self.word if self.endpoint is None else f'{self.word} of "{self.endpoint}"'

    @property
    def label(self) -> str:
        """The same as it begins a sentence: ``max rss_bytes``, ``p95``."""
        words = [self.word, *self.metrics] if self.word else list(self.metrics)
        return " ".join(words) if self.metrics else self.subject

    @property
    def last_limit(self) -> float:
        """The limit that must not be passed: the critical one when there are two."""
        return self.limit if self.critical is None else self.critical

    @property
    def wants_less(self) -> bool:
        return self.comparison in {"<", "<="}

    def keeps(self, value: float, limit: float) -> bool:
        """Whether a value is on the right side of a limit."""
        return bool(COMPARISONS[self.comparison](value, limit))

    def limit_text(self, limit: float) -> str:
        """``< 5 ms``."""
        return f"{self.comparison} {format_value(limit, self.unit)}"
