"""Reads one line into a :class:`Budget`.

    BUDGET   = "no leak in" NAME {"," NAME}
             | VALUE COMPARE QUANTITY {[","] OPTION}
    VALUE    = FUNCTION ["of" ENDPOINT] | ("max" | "mean" | "min" | "last" | "growth") NAME | NAME
    FUNCTION = "pNN" | "service_pNN" | "mean" | "max_latency" | "error_ratio" | ...
    COMPARE  = "<" | "<=" | ">" | ">="
    OPTION   = "critical" QUANTITY | "over" DURATION | "abort"

An endpoint is quoted and may be a shell-style pattern; a name may be quoted. Which part of the run
a budget looks at (now always the steady windows) would become one more option.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from reli_analysis.budgets.limits import read_limit
from reli_analysis.budgets.model import COMPARISONS, Budget
from reli_analysis.budgets.vocabulary import (
    NOT_YET,
    PLAIN,
    VOCABULARY,
    WITH_NAME,
    column_of,
    is_like_percentile,
    quantile_of,
    unit_for,
)
from reli_analysis.errors import BudgetError, InputError
from reli_analysis.registry import nearest
from reli_analysis.units import parse_duration_s

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<sign><=|>=|[<>,])|(?P<word>[^\s,<>"']+))"""
)
_OPTIONS = ("critical", "over", "abort")
_LONGEST = 500


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


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


class _Parser:
    """One budget; ``_at`` is the token that comes next."""

    def __init__(self, text: str, units: dict[str, str]) -> None:
        self._text = " ".join(str(text).split())
        self._units = units
        self._at = 0
        if not self._text:
            raise BudgetError("a budget is empty; write for example p95 < 250ms")
        if len(self._text) > _LONGEST:
            raise BudgetError(f'budget "{self._text[:40]}...": longer than {_LONGEST} characters')
        self._tokens = self._split()

    def _split(self) -> list[_Token]:
        tokens, place = [], 0
        while place < len(self._text):
            match = _TOKEN.match(self._text, place)
            if match is None:
                raise BudgetError(
                    f'budget "{self._text}", at character {place + 1}: a quote is never closed'
                )
            kind = str(match.lastgroup)
            inner = match[kind]
            start = match.start(kind)
            tokens.append(_Token(kind, inner[1:-1] if kind == "quoted" else inner, start))
            place = match.end()
        return [*tokens, _Token("end", "", len(self._text))]

    def _fail(self, token: _Token, why: str) -> NoReturn:
        where = f'at "{token.text}" (character {token.place + 1})' if token.text else "at its end"
        raise BudgetError(f'budget "{self._text}", {where}: {why}')

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _is_word(self, *words: str) -> bool:
        return self._next.kind == "word" and self._next.text.lower() in words

    def budget(self) -> Budget:
        if self._is_word("no"):
            return self._no_leak()
        function, word, quantile, metrics = self._value()
        spec = VOCABULARY.get(function)
        endpoint = self._endpoint(word, allowed=spec.of)
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
        )
        self._check_limit(budget, limit, limit_token)
        return self._options(budget, over_allowed=spec.over)

    def _value(self) -> tuple[str, str, float | None, tuple[str, ...]]:
        """Function, its word, a percentile's quantile, and a metric's column."""
        token = self._take()
        if token.kind not in {"word", "quoted"}:
            self._fail(token, "expected a function such as p95, or the name of a metric")
        word = token.text.lower()
        if token.kind == "quoted":
            return "NAME", "", None, (self._column(token),)
        if word in NOT_YET:
            self._fail(token, f"{NOT_YET[word]} is not judged yet")
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

    def _column(self, token: _Token) -> str:
        if not token.text:
            self._fail(token, "a name is empty")
        return column_of(token.text, self._units)

    def _endpoint(self, word: str, *, allowed: bool) -> str | None:
        if not self._is_word("of"):
            return None
        of = self._take()
        if not allowed:
            self._fail(of, f'"{word or "a metric"}" is not measured by endpoint')
        name = self._take()
        if name.kind != "quoted" or not name.text:
            self._fail(name, 'the endpoint belongs in quotes, such as of "GET /checkout"')
        return name.text

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

    def _check_limit(self, budget: Budget, limit: float, token: _Token) -> None:
        """Refuse limits that nothing, or everything, would keep."""
        if not budget.metrics and limit < 0:
            self._fail(token, f"{budget.word} is never negative")
        if not budget.metrics and budget.unit == "ratio" and limit > 1:
            self._fail(token, f"{budget.word} is never more than 100%")

    def _options(self, budget: Budget, *, over_allowed: bool) -> Budget:
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
                if not over_allowed:
                    name = VOCABULARY.get(budget.function).name
                    self._fail(option, f"{name} is not measured over sliding windows")
                budget = dataclasses.replace(budget, over_s=self._duration())
            else:
                budget = dataclasses.replace(budget, abort=True)
        return budget

    def _critical(self, budget: Budget) -> Budget:
        token = self._next
        critical, _unit = self._limit(budget.unit)
        self._check_limit(budget, critical, token)
        if critical == budget.limit or (critical > budget.limit) != budget.wants_less:
            side = "above" if budget.wants_less else "below"
            self._fail(token, f"the critical limit must lie {side} the first one")
        return dataclasses.replace(budget, critical=critical)

    def _duration(self) -> float:
        token = self._take()
        try:
            seconds = parse_duration_s(token.text)
        except InputError as error:
            self._fail(token, str(error))
        if seconds <= 0:
            self._fail(token, "a sliding window needs a length, such as 30s")
        return seconds

    def _no_leak(self) -> Budget:
        self._take()
        what = self._take()
        word = what.text.lower()
        if word in NOT_YET:
            self._fail(what, f"{NOT_YET[word]} is not judged yet")
        if word != "leak":
            self._fail(what, f"expected leak, as in no leak in rss{nearest(word, ['leak'])}")
        if not self._is_word("in"):
            self._fail(self._next, "expected in, as in no leak in rss")
        self._take()
        metrics: list[str] = []
        while True:
            token = self._take()
            if token.kind not in {"word", "quoted"}:
                self._fail(token, "expected the name of a metric, such as rss")
            column = self._column(token)
            if column in metrics:
                self._fail(token, f"{token.text} is said twice")
            metrics.append(column)
            if self._next.kind == "end":
                return Budget(self._text, "no leak in", "no leak in", metrics=tuple(metrics))
            comma = self._take()
            if comma.text != "," or comma.kind != "sign":
                self._fail(comma, "expected a comma between names")
