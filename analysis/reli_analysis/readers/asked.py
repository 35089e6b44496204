"""Columns as a user asks for them: ``NAME`` or ``NAME=UNIT``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.errors import InputError
from reli_analysis.readers.base import Column
from reli_analysis.readers.dialect import MAX_COLUMNS
from reli_analysis.readers.unit_names import is_unit, parse_unit

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns_asked(texts: Sequence[str]) -> tuple[Column, ...]:
    """The columns, each once; raises ``InputError`` for an unknown unit or too many columns.

    A name may hold ``=`` itself, as Prometheus's do: what follows the last one is a unit only where
    it is a known one, or looks like a word.
    """
    if len(texts) > MAX_COLUMNS:
        raise InputError(
            f"--column is given {len(texts):,} times; at most {MAX_COLUMNS:,} are read"
        )
    found: dict[str, Column] = {}
    for text in texts:
        name, equals, unit = text.rpartition("=")
        if not equals or not (is_unit(unit) or unit.isalpha()):
            name, unit = text, ""
        if not name.strip():
            raise InputError(f'--column "{text[:80]}" names no column; write NAME or NAME=UNIT')
        if unit:
            parse_unit(unit)
        found[name] = Column(name, unit)
    return tuple(found.values())
