"""Reads one line into a :class:`Budget`.

    BUDGET   = "no leak in" NAME {"," NAME} ["above" RATE | "for" DURATION]
             | VALUE COMPARE QUANTITY {[","] OPTION}
    VALUE    = FUNCTION [ENDPOINT] | "errors" "of" CLASS [ENDPOINT]
             | ("max" | "mean" | "min" | "last" | "growth") NAME | NAME
    ENDPOINT = "of" PATTERN | "of" "each" [PATTERN]
    FUNCTION = "pNN" | "service_pNN" | "mean" | "max_latency" | "error_ratio" | ...
    COMPARE  = "<" | "<=" | ">" | ">="
    OPTION   = "critical" QUANTITY | "over" DURATION | "in" WINDOW | "abort" ["after" DURATION]

Patterns (of endpoints, and of classes of errors) are quoted and as a shell has them; a name may be
quoted. A window is one of the record's: steady, fault, recovery, warm-up, cool-down.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reli_analysis.budgets.drift_words import DriftWords
from reli_analysis.budgets.leak_words import LeakWords
from reli_analysis.budgets.limits import read_limit
from reli_analysis.budgets.model import COMPARISONS, Budget
from reli_analysis.budgets.vocabulary import (
    PLAIN,
    VOCABULARY,
    WITH_NAME,
    is_like_percentile,
    quantile_of,
    unit_for,
)
from reli_analysis.errors import BudgetError, InputError
from reli_analysis.record.layout import WINDOWS
from reli_analysis.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reli_analysis.budgets.tokens import Token
    from reli_analysis.budgets.vocabulary import FunctionSpec

_OPTIONS = ("critical", "over", "in", "abort")


def parse(text: str, units: Mapping[str, str] | None = None) -> Budget:
    """Read one budget; raises ``BudgetError`` with the place and what would be right.

    ``units`` gives the units of a run's own columns and metrics by name.
    """
    return _Parser(text, dict(units or {})).budget()


def parse_all(texts: Iterable[str], units: Mapping[str, str] | None = None) -> tuple[Budget, ...]:
    """Read several budgets, each once; raises one ``BudgetError`` with everything that is wrong."""
    budgets, problems = [], []
    for text in dict.fromkeys(texts):
        try:
            budgets.append(parse(text, units))
        except BudgetError as error:
            problems.append(str(error))
    if problems:
        raise BudgetError("\n".join(problems))
    return tuple(budgets)


class _Parser(LeakWords, DriftWords):
    """One budget, read from left to right."""

    def budget(self) -> Budget:
        if self._taken("no"):
            return self._no()
        function, word, quantile, metrics = self._value()
        spec = VOCABULARY.get(function)
        error = self._error() if function == "errors" else None
        endpoint, each = self._endpoint(word, allowed=spec.of)
        unit = unit_for(metrics[0], self._units) if metrics else spec.unit
        sign = self._take()
        if sign.text not in COMPARISONS or sign.kind != "sign":
            self._fail(sign, f"expected one of {', '.join(COMPARISONS)}")
        limit_token = self._next
        limit, unit = self._limit(unit)
        budget = Budget(
            text=self._text,
            function=function,
            word=word,
            unit=unit,
            comparison=sign.text,
            limit=limit,
            quantile=quantile,
            metrics=metrics,
            endpoint=endpoint,
            each=each,
            error=error,
        )
        self._check_limit(budget, limit, limit_token)
        return self._options(budget, spec)

    def _no(self) -> Budget:
        """What must not be in a metric."""
        what = self._take()
        word = what.text.lower()
        if word not in {"leak", "drift"}:
            hint = nearest(word, ["leak", "drift"])
            self._fail(what, f"expected leak or drift, as in no leak in rss{hint}")
        return self._no_leak() if word == "leak" else self._no_drift()

    def _value(self) -> tuple[str, str, float | None, tuple[str, ...]]:
        """Function, its word, a percentile's quantile, and a metric's column."""
        token = self._take()
        if token.kind not in {"word", "quoted"}:
            self._fail(token, "expected a function such as p95, or the name of a metric")
        word = token.text.lower()
        if token.kind == "quoted":
            return "NAME", "", None, (self._column(token),)
        if (percentile := quantile_of(word)) is not None:
            return percentile[0], word, percentile[1], ()
        if is_like_percentile(word) and word not in self._units:
            self._fail(token, f"{word} is no percentile; p1 to p99.999 are, and max_latency")
        if word in WITH_NAME and self._next.kind in {"word", "quoted"} and not self._is_word("of"):
            return f"{word} NAME", word, None, (self._column(self._take()),)
        if word in PLAIN:
            return word, word, None, ()
        if word in WITH_NAME:
            self._fail(token, f"{word} of what? Write for example {word} rss")
        if self._next.kind in {"word", "quoted"} and not self._is_word("of"):
            known = [*WITH_NAME, *PLAIN, "p95", "no"]
            self._fail(token, f'"{token.text}" is no function{nearest(word, known)}')
        return "NAME", "", None, (self._column(token),)

    def _error(self) -> str:
        """The class of error that ``errors`` counts; all of them together are error_ratio."""
        if not self._taken("of") or self._next.kind != "quoted" or not self._next.text:
            self._fail(self._next, 'errors of what class? Write for example errors of "Timeout*"')
        return self._take().text

    def _endpoint(self, word: str, *, allowed: bool) -> tuple[str | None, bool]:
        """The endpoints that are meant, and whether each of them is judged for itself."""
        of = self._next
        if not self._taken("of"):
            return None, False
        if not allowed:
            self._fail(of, f'"{word or "a metric"}" is not measured by endpoint')
        each = self._taken("each")
        if each and self._next.kind != "quoted":
            return None, True
        return self._pattern(), each

    def _limit(self, unit: str | None) -> tuple[float, str]:
        token = self._take()
        if token.kind != "word":
            self._fail(token, "expected a limit, such as 250ms, 1% or 512MiB")
        if self._next.kind == "word" and not self._is_word(*_OPTIONS):
            token = token._replace(text=f"{token.text} {self._take().text}")  # "250 ms"
        try:
            limit, unit = read_limit(token.text, unit)
        except InputError as error:
            self._fail(token, str(error))
        return limit, unit

    def _check_limit(self, budget: Budget, limit: float, token: Token) -> None:
        """Refuse limits that nothing, or everything, would keep."""
        if not budget.metrics and limit < 0:
            self._fail(token, f"{budget.word} is never negative")
        if not budget.metrics and budget.unit == "ratio" and limit > 1:
            self._fail(token, f"{budget.word} is never more than 100%")

    def _options(self, budget: Budget, spec: FunctionSpec) -> Budget:
        """What may follow the limit, each once and in any order."""
        seen: set[str] = set()
        while self._next.kind != "end":
            after_comma = self._next.text == "," and self._next.kind == "sign"
            if after_comma:
                self._take()
            option = self._take()
            word = option.text.lower()
            if option.kind != "word" or word not in _OPTIONS:
                hint = nearest(word, list(_OPTIONS))
                self._fail(option, f"expected one of {', '.join(_OPTIONS)}{hint}")
            if word in seen:
                self._fail(option, f"{word} is said twice")
            seen.add(word)
            if word == "critical":
                budget = self._critical(budget)
            elif word == "over":
                if not spec.over:
                    self._fail(option, f"{spec.name} is not measured over sliding windows")
                budget = dataclasses.replace(budget, over_s=self._duration("a sliding window"))
            elif word == "in":
                if not spec.within:
                    self._fail(option, f"{spec.name} is not measured in one window of the run")
                budget = dataclasses.replace(budget, window=self._window())
            else:
                after_s = self._duration("a delay") if self._taken("after") else 0.0
                budget = dataclasses.replace(budget, abort=True, abort_after_s=after_s)
        return budget

    def _window(self) -> str:
        token = self._take()
        word = token.text.lower()
        if token.kind != "word" or word not in WINDOWS:
            hint = nearest(word, list(WINDOWS))
            self._fail(token, f"expected a window of the run: {', '.join(WINDOWS)}{hint}")
        return word

    def _critical(self, budget: Budget) -> Budget:
        token = self._next
        critical, _unit = self._limit(budget.unit)
        self._check_limit(budget, critical, token)
        if critical == budget.limit or (critical > budget.limit) != budget.wants_less:
            side = "above" if budget.wants_less else "below"
            self._fail(token, f"the critical limit must lie {side} the first one")
        return dataclasses.replace(budget, critical=critical)
