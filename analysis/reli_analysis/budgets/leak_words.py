"""Reads ``no leak in rss, fds above 2MiB/h``.

What follows ``no leak in`` are names with commas between, then perhaps ``above`` and a growth over
time, or ``for`` and how long the target has to last.
"""

from __future__ import annotations

import dataclasses

from reli_analysis.budgets.leaks.rates import read_rate
from reli_analysis.budgets.model import Budget
from reli_analysis.budgets.names import Names
from reli_analysis.budgets.vocabulary import NO_LEAK, unit_for
from reli_analysis.errors import InputError


class LeakWords(Names):
    """What follows ``no leak``."""

    def _no_leak(self) -> Budget:
        if not self._taken("in"):
            self._fail(self._next, "expected in, as in no leak in rss")
        metrics: list[str] = []
        while True:
            token = self._take()
            if token.kind not in {"word", "quoted"}:
                self._fail(token, "expected the name of a metric, such as rss")
            column = self._column(token)
            if column in metrics:
                self._fail(token, f"{token.text} is said twice")
            metrics.append(column)
            if self._next.kind == "end" or self._is_word("above", "for"):
                return self._growth(Budget(self._text, NO_LEAK, NO_LEAK, metrics=tuple(metrics)))
            comma = self._take()
            if comma.text != "," or comma.kind != "sign":
                self._fail(comma, "expected a comma between names")

    def _growth(self, budget: Budget) -> Budget:
        """The growth that matters, where a budget of leaks says it."""
        if self._taken("for"):
            budget = dataclasses.replace(budget, uptime_s=self._duration("the time to last"))
        elif self._taken("above"):
            token = self._take()
            split = "/" not in token.text and self._next.kind == "word"  # "2 MiB/h"
            text = token.text + (self._take().text if split else "")
            try:
                units = {name: unit_for(name, self._units) for name in budget.metrics}
                per_h, unit = read_rate(text, units)
            except InputError as error:
                self._fail(token, str(error))
            budget = dataclasses.replace(budget, above_per_h=per_h, unit=unit)
        if self._next.kind != "end":
            self._fail(self._next, "nothing follows the growth that matters")
        return budget
