"""Levels of load as a profile writes them: shares of a base rate, rates, or users."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from reli_analysis.errors import InputError
from reli_analysis.units import parse_quantity

ITERATIONS = "iterations/s"
USERS = "users"

_USERS = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*users?", re.IGNORECASE)
_HIGHEST = 1e9


@dataclass(frozen=True)
class Level:
    """A level before the base rate is known.

    ``family`` is ``"share"`` (``value`` 1.0 is the base rate), ``"rate"`` (iterations a second),
    ``"users"``, or ``""`` for a plain 0, which goes with all of them.
    """

    value: float
    family: str

    @property
    def unit(self) -> str | None:
        """The unit of load that it asks for; ``None`` for a plain 0."""
        if not self.family:
            return None
        return USERS if self.family == "users" else ITERATIONS

    def __str__(self) -> str:
        match self.family:
            case "share":
                return f"{self.value * 100:.6g}%"
            case "rate":
                return f"{self.value:.6g}/s"
            case "users":
                return "1 user" if self.value == 1 else f"{self.value:.0f} users"
            case _:
                return "0"


def parse_level(text: str | float) -> Level:
    """Read ``"10%"``, ``"50/s"``, ``"100 users"`` or 0; raises ``InputError`` on anything else."""
    shown = f'"{text}"'
    users = _USERS.fullmatch(text.strip()) if isinstance(text, str) else None
    if users is not None:
        level = Level(float(users[1]), "users")
        if level.value != int(level.value):
            raise InputError(f"{shown} is no number of users; write a whole number")
    else:
        level = _quantity_level(text, shown)
    if not 0 <= level.value <= _HIGHEST:
        raise InputError(f"{shown} is out of range; a level lies between 0 and {_HIGHEST:,.0f}")
    return level


def _quantity_level(text: str | float, shown: str) -> Level:
    try:
        quantity = parse_quantity(str(text))
    except InputError:
        raise InputError(f"{shown} is not a level; write for example {_examples()}") from None
    match quantity.unit:
        case "ratio":
            return Level(quantity.value, "share")
        case "1/s":
            return Level(quantity.value, "rate")
        case "" if quantity.value == 0:
            return Level(0.0, "")
        case "":
            number = str(text).strip().lstrip("+-")
            raise InputError(f"{shown} has no unit; write {_examples(number)}")
        case _:
            raise InputError(f"{shown} is not a level; write for example {_examples()}")


def _examples(number: str = "") -> str:
    return f"{number or '10'}%, {number or '50'}/s or {number or '100'} users"


def parse_rate_per_s(text: str | float) -> float:
    """Iterations a second of ``"50/s"`` or ``"600/min"``; more than 0."""
    try:
        quantity = parse_quantity(str(text))
    except InputError:
        quantity = None
    if quantity is None or quantity.unit not in ("1/s", ""):
        raise InputError(f'"{text}" is not a rate; write for example 50/s or 600/min')
    if quantity.unit == "":
        raise InputError(f'"{text}" has no unit; write for example 50/s or 600/min')
    if not (math.isfinite(quantity.value) and 0 < quantity.value <= _HIGHEST):
        raise InputError(
            f'"{text}" is out of range; a rate is more than 0 and at most 1,000,000,000/s'
        )
    return quantity.value
