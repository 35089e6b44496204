"""A budget as parsed: what is measured, of what, and the limits it must keep."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace

from reli_analysis.budgets.spelling import spell
from reli_analysis.record.histogram import bucket_around_ms
from reli_analysis.units import format_value

COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True)
class Budget:
    """One line of a profile's ``budgets``.

    ``function`` is its name in the vocabulary, ``word`` how the line spells it. ``limit`` and
    ``critical`` are in ``unit``. ``metrics`` are column names (aliases resolved) of functions that
    take some; ``endpoint`` is a pattern. ``over_s`` asks for every sliding window of that length.
    ``window`` is the part of the run that it speaks of, where it says so. With ``each``, endpoints
    (those that match ``endpoint``, or all) are judged one by one. ``error`` is a pattern of classes
    of errors. ``abort`` ends the run when it breaks, not before ``abort_after_s`` seconds of load in
    the window that it judges. Of ``no leak in``: the growth an hour that matters (in ``unit``, where
    ``ratio`` is a share of the level), or the time for which the target's limit must suffice; and
    the target that it is asked of, where each of several is judged for itself.

    ``text`` is the line as it was written; two spellings of one budget are equal.
    """

    text: str = field(compare=False)
    function: str
    word: str
    unit: str = ""
    comparison: str = ""
    limit: float = 0.0
    critical: float | None = None
    quantile: float | None = None
    metrics: tuple[str, ...] = ()
    endpoint: str | None = None
    each: bool = False
    error: str | None = None
    over_s: float | None = None
    window: str | None = None
    abort: bool = False
    abort_after_s: float = 0.0
    above_per_h: float | None = None
    uptime_s: float | None = None
    source: str | None = None

    @property
    def metric(self) -> str:
        """The one metric of a function that takes one."""
        return self.metrics[0]

    @property
    def subject(self) -> str:
        """What it speaks of: ``rss_bytes``, ``p95``, ``p99 of "GET /x"``."""
        if self.metrics:
            names = ", ".join(self.metrics)
            if self.endpoint is not None:
                return f'{names} of "{self.endpoint}"'
            return names if self.source is None else f"{names} of {self.source}"
        told = [self.word]
        if self.error is not None:
            told.append(f'of "{self.error}"')
        if self.each:
            told.append("of each")
        elif self.endpoint is not None:
            told.append("of")
        if self.endpoint is not None:
            told.append(f'"{self.endpoint}"')
        return " ".join(told)

    @property
    def label(self) -> str:
        """The same as it begins a sentence: ``max rss_bytes``, ``p95``."""
        label = f"{self.word} {self.subject}".strip() if self.metrics else self.subject
        return label if self.window is None else f"{label} in {self.window}"

    @property
    def judged_window(self) -> str:
        """The part of the run that it judges: the steady windows unless it says another one."""
        return self.window or "steady"

    @property
    def last_limit(self) -> float:
        """The limit that must not be passed: the critical one when there are two."""
        return self.limit if self.critical is None else self.critical

    @property
    def wants_less(self) -> bool:
        return self.comparison in {"<", "<="}

    def keeps(self, value: float, limit: float) -> bool:
        """Whether a value is on the right side of a limit."""
        lowest, highest = self.equal_to(limit)
        value = limit if lowest <= value <= highest else value
        return bool(COMPARISONS[self.comparison](value, limit))

    def equal_to(self, limit: float) -> tuple[float, float]:
        """The smallest and the largest value that cannot be told from a limit.

        Those of a latency lie in its bucket of the histograms: no finer is known.
        """
        return bucket_around_ms(limit) if self.unit == "ms" else (limit, limit)

    def for_endpoint(self, name: str) -> Budget:
        """What a budget of each endpoint says of one."""
        one = replace(self, endpoint=name, each=False)
        return replace(one, text=str(one))

    def __str__(self) -> str:
        """The line in its plainest spelling, which reads as an equal budget."""
        return spell(self)

    def limit_text(self, limit: float) -> str:
        """``< 5 ms``."""
        return f"{self.comparison} {format_value(limit, self.unit)}"
