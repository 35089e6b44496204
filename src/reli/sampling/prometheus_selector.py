"""Which series of a page are wanted: ``alias=p95(metric{label="value",other=~"regex"})``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.pattern import pattern
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.sampling.exposition_text import Labels

_ALIAS = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=")
_QUANTILE = re.compile(r"\s*p(\d{1,2}(?:\.\d{1,2})?)\s*\(")
_METRIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*")
_MATCHER = re.compile(
    r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*\"([^\"\\]*(?:\\.[^\"\\]*)*)\"\s*"
)
_ESCAPED = re.compile(r"\\([\\\"])")
_EXAMPLE = 'for example open_connections=pg_stat_activity_count{state="active"}'


@dataclass(frozen=True)
class Matcher:
    """What one label must be; a series without the label has it empty, as in Prometheus."""

    label: str
    operator: str
    value: str

    def test(self) -> Callable[[str], bool]:
        """Whether a label's value is right; an expression must fit the whole value."""
        match self.operator:
            case "=":
                return lambda text: text == self.value
            case "!=":
                return lambda text: text != self.value
        fits = pattern(self.value).fits
        if self.operator == "=~":
            return fits
        return lambda text: not fits(text)

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{self.label}{self.operator}"{escaped}"'


@dataclass(frozen=True)
class Selector:
    """One metric, some of its series.

    ``alias`` names their sum as a metric of the run; ``quantile`` (of 1) is the one that is wanted
    of a histogram.
    """

    metric: str
    matchers: tuple[Matcher, ...] = ()
    alias: str = ""
    quantile: float | None = None

    def fits(self) -> Callable[[Labels], bool]:
        """Whether a series with such labels is wanted."""
        tests = [(matcher.label, matcher.test()) for matcher in self.matchers]

        def fits(labels: Labels) -> bool:
            if not tests:
                return True
            values = dict(labels)
            return all(test(values.get(label, "")) for label, test in tests)

        return fits

    @property
    def without_alias(self) -> str:
        """What it selects, whatever that is called."""
        matchers = ",".join(map(str, self.matchers))
        text = f"{self.metric}{{{matchers}}}" if matchers else self.metric
        return text if self.quantile is None else f"p{self.quantile * 100:g}({text})"

    def __str__(self) -> str:
        return f"{self.alias}={self.without_alias}" if self.alias else self.without_alias


def parse_selectors(text: str) -> tuple[Selector, ...]:
    """The selectors of a list that commas part; raises ``InputError`` with a sentence."""
    reader = _Reader(text)
    selectors = [reader.selector()]
    while reader.skip(","):
        selectors.append(reader.selector())
    if reader.rest.strip():
        raise reader.wrong("a comma or the end")
    aliases = [selector.alias for selector in selectors if selector.alias]
    for alias in aliases:
        if aliases.count(alias) > 1:
            raise InputError(f'"{alias}" names two selectors of "{text}"; give each its own name')
    return tuple(dict.fromkeys(selectors))


class _Reader:
    """A text and how far it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def rest(self) -> str:
        return self._text[self._at :]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def skip(self, character: str) -> bool:
        if not self.rest.lstrip().startswith(character):
            return False
        self._at = self._text.index(character, self._at) + 1
        return True

    def wrong(self, wanted: str) -> InputError:
        here = self.rest.strip()[:40]
        place = f'at "{here}"' if here else "at its end"
        return InputError(f'the selector "{self._text}" needs {wanted} {place}; {_EXAMPLE}')

    def selector(self) -> Selector:
        alias = self.take(_ALIAS)
        quantile = self.take(_QUANTILE)
        metric = self.take(_METRIC)
        if metric is None:
            raise self.wrong("the name of a metric")
        matchers = self._matchers() if self.skip("{") else ()
        if quantile is not None:
            if not self.skip(")"):
                raise self.wrong("a closing parenthesis")
            if float(quantile[1]) == 0:
                raise InputError(f'the selector "{self._text}" asks for p0; write p1 to p99.99')
        return Selector(
            metric[1],
            matchers,
            alias[1] if alias else "",
            float(quantile[1]) / 100 if quantile else None,
        )

    def _matchers(self) -> tuple[Matcher, ...]:
        matchers: list[Matcher] = []
        while not self.skip("}"):
            if matchers and not self.skip(","):
                raise self.wrong("a comma or a closing brace")
            if matchers and self.skip("}"):
                break
            found = self.take(_MATCHER)
            if found is None:
                raise self.wrong('a label such as state="active"')
            matchers.append(self._matcher(found[1], found[2], found[3]))
        return tuple(matchers)

    def _matcher(self, label: str, operator: str, quoted: str) -> Matcher:
        value = _ESCAPED.sub(r"\1", quoted)
        if operator in ("=~", "!~"):
            try:
                pattern(value)
            except InputError as error:
                raise InputError(
                    f'"{value}" in the selector "{self._text}" is no regular expression: {error}'
                ) from None
        return Matcher(label, operator, value)
