"""Spells a budget as one line, in units that lose nothing: what is read from it is equal."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget

_UNITS = {"ms": "ms", "s": "s", "bytes": "B", "1/s": "/s"}
_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def spell(budget: Budget) -> str:
    """``p95 of "GET /a" < 250ms, critical 1000ms, over 30s, in fault, abort after 10s``."""
    if not budget.comparison:
        return budget.text
    words = [_measured(budget), budget.comparison, _quantity(budget.limit, budget.unit)]
    return ", ".join([" ".join(words), *_options(budget)])


def _measured(budget: Budget) -> str:
    """What stands before the comparison."""
    if budget.metrics:
        name = budget.metric
        # A name alone could be a function; after one of the functions it could be "of".
        plain = budget.word and _PLAIN_NAME.fullmatch(name) and name.lower() != "of"
        return " ".join(filter(None, (budget.word, name if plain else quoted(name))))
    words = [budget.word]
    if budget.error is not None:
        words += ["of", quoted(budget.error)]
    if budget.each or budget.endpoint is not None:
        words.append("of")
    if budget.each:
        words.append("each")
    if budget.endpoint is not None:
        words.append(quoted(budget.endpoint))
    return " ".join(words)


def _options(budget: Budget) -> list[str]:
    told = []
    if budget.critical is not None:
        told.append(f"critical {_quantity(budget.critical, budget.unit)}")
    if budget.over_s is not None:
        told.append(f"over {_number(budget.over_s)}s")
    if budget.window is not None:
        told.append(f"in {budget.window}")
    if budget.abort:
        after = f" after {_number(budget.abort_after_s)}s" if budget.abort_after_s else ""
        told.append(f"abort{after}")
    return told


def quoted(text: str) -> str:
    """In the quotes that the text does not hold; it came out of one kind, so never holds both."""
    return f"'{text}'" if '"' in text else f'"{text}"'


def _quantity(value: float, unit: str) -> str:
    if unit == "ratio":
        return f"{_number(value * 100)}%"
    return _number(value) + _UNITS.get(unit, "")


def _number(value: float) -> str:
    """As numbers of a budget are read, with twelve digits; without a power of ten."""
    return format(Decimal(f"{value:.12g}"), "f")
