"""Tokens that are names: of the columns of a run, and of its endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets.tokens import Token, Tokens
from reli_analysis.budgets.vocabulary import column_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class Names(Tokens):
    """The tokens of one line about a run; ``units`` are those of its own columns and metrics."""

    def __init__(self, text: str, units: Mapping[str, str]) -> None:
        super().__init__(text)
        self._units = units

    def _column(self, token: Token) -> str:
        """The column that a name or short name means."""
        if not token.text:
            self._fail(token, "a name is empty")
        return column_of(token.text, self._units)

    def _pattern(self) -> str:
        """The quoted pattern of an endpoint."""
        name = self._take()
        if name.kind != "quoted" or not name.text:
            self._fail(name, 'the endpoint belongs in quotes, such as of "GET /checkout"')
        return name.text
