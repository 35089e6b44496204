"""Splits a budget's line into words, quoted names and signs, and says where one is wrong."""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from reli_analysis.errors import BudgetError, InputError
from reli_analysis.units import parse_duration_s

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<sign><=|>=|[<>,])|(?P<word>[^\s,<>"']+))"""
)
_LONGEST = 500


class Token(NamedTuple):
    """``kind`` is ``quoted``, ``sign``, ``word`` or ``end``; ``place`` counts from 0."""

    kind: str
    text: str
    place: int


class Tokens:
    """The tokens of one line; raises ``BudgetError`` for one that is empty, too long or torn."""

    def __init__(self, text: str) -> None:
        self._text = " ".join(str(text).split())
        self._at = 0
        if not self._text:
            raise BudgetError("a budget is empty; write for example p95 < 250ms")
        if len(self._text) > _LONGEST:
            raise BudgetError(f'budget "{self._text[:40]}...": longer than {_LONGEST} characters')
        self._tokens = self._split()

    def _split(self) -> list[Token]:
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
            tokens.append(Token(kind, inner[1:-1] if kind == "quoted" else inner, start))
            place = match.end()
        return [*tokens, Token("end", "", len(self._text))]

    def _fail(self, token: Token, why: str) -> NoReturn:
        where = f'at "{token.text}" (character {token.place + 1})' if token.text else "at its end"
        raise BudgetError(f'budget "{self._text}", {where}: {why}')

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _is_word(self, *words: str) -> bool:
        return self._next.kind == "word" and self._next.text.lower() in words

    def _taken(self, word: str) -> bool:
        """Whether that word comes next; it is taken then."""
        found = self._is_word(word)
        if found:
            self._take()
        return found

    def _duration(self, what: str) -> float:
        """A length of time above 0, in seconds."""
        token = self._take()
        try:
            seconds = parse_duration_s(token.text)
        except InputError as error:
            self._fail(token, str(error))
        if seconds <= 0:
            self._fail(token, f"{what} needs a length, such as 30s")
        return float(f"{seconds:.12g}")
