"""Reads ``no drift in p95, p99 of "GET /a" above 10%``.

What follows ``no drift in`` are subjects with commas between, then perhaps ``of`` and the pattern of
an endpoint, then perhaps ``above`` and a quantity. A subject is a function of requests, a name, or
``NAME per request``.
"""

from __future__ import annotations

from reli_analysis.budgets.limits import read_limit
from reli_analysis.budgets.model import Budget
from reli_analysis.budgets.names import Names
from reli_analysis.budgets.vocabulary import (
    NO_DRIFT,
    PER_REQUEST,
    PLAIN,
    VOCABULARY,
    is_like_percentile,
    quantile_of,
)
from reli_analysis.errors import InputError


class DriftWords(Names):
    """What follows ``no drift``."""

    def _no_drift(self) -> Budget:
        if not self._taken("in"):
            self._fail(self._next, "expected in, as in no drift in p95")
        subjects: list[str] = []
        while True:
            token = self._next
            subject = self._drifting()
            if subject in subjects:
                self._fail(token, f"{token.text} is said twice")
            subjects.append(subject)
            comma = self._next
            if comma.text != "," or comma.kind != "sign":
                break
            self._take()
        endpoint = self._drift_endpoint(tuple(subjects))
        limit, unit = self._above() if self._taken("above") else (0.0, "")
        if self._next.kind != "end":
            self._fail(self._next, "expected a comma between names, of, above, or the end")
        metrics = tuple(subjects)
        return Budget(
            self._text,
            NO_DRIFT,
            NO_DRIFT,
            metrics=metrics,
            endpoint=endpoint,
            limit=limit,
            unit=unit,
        )

    def _drifting(self) -> str:
        """One subject: a percentile, another function of requests, or a column."""
        token = self._take()
        if token.kind not in {"word", "quoted"}:
            self._fail(token, "expected what must not drift, such as p95")
        word = token.text.lower()
        if token.kind == "word":
            if quantile_of(word) is not None or word in PLAIN:
                return word
            if is_like_percentile(word):
                self._fail(token, f"{word} is no percentile; p1 to p99.999 are")
        column = self._column(token)
        if not self._taken("per"):
            return column
        if not self._taken("request"):
            self._fail(self._next, "expected request, as in no drift in cpu per request")
        return column + PER_REQUEST

    def _drift_endpoint(self, subjects: tuple[str, ...]) -> str | None:
        of = self._next
        if not self._taken("of"):
            return None
        for subject in subjects:
            quantile = quantile_of(subject)
            function = quantile[0] if quantile else subject
            if function not in VOCABULARY or not VOCABULARY.get(function).of:
                self._fail(of, f'"{subject}" is not measured by endpoint')
        return self._pattern()

    def _above(self) -> tuple[float, str]:
        """The change over the run that matters: a share of the start, or in the quantity's unit."""
        token = self._take()
        text = token.text + (self._take().text if self._next.kind == "word" else "")
        try:
            limit, unit = read_limit(text, None)
        except InputError as error:
            self._fail(token, str(error))
        if limit <= 0:
            self._fail(token, "a change that matters is more than nothing, such as 10%")
        return (limit * 1000, "ms") if unit == "s" else (limit, unit)
