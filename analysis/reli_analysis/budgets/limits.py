"""Limits in the unit of what they limit: a limit without its unit is refused, never guessed."""

from __future__ import annotations

import math

from reli_analysis.errors import InputError
from reli_analysis.units import Quantity, parse_quantity

_EXAMPLES = {"ms": "ms", "s": "s", "bytes": "MiB", "ratio": "%", "1/s": "/s"}
_WHAT = {
    "ms": "a time",
    "s": "a time",
    "bytes": "a size",
    "ratio": "a share",
    "1/s": "a rate",
}


def read_limit(text: str, unit: str | None) -> tuple[float, str]:
    """A limit's number and unit; raises ``InputError`` saying what to write instead.

    ``unit`` is what it must be in; ``None`` takes any, and a number as it stands.
    """
    quantity = parse_quantity(text)
    if unit is None:
        value, unit = quantity.value, quantity.unit or "count"
    elif quantity.value == 0 and quantity.unit == "":
        value = 0.0
    else:
        value = _in_unit(quantity, unit, text)
    if not math.isfinite(value):
        raise InputError(f'"{text}" is too large a number')
    # 99.9 % is 0.999, not the 0.9990000000000001 that dividing by 100 gives.
    return float(f"{value:.12g}"), unit


def _in_unit(quantity: Quantity, unit: str, text: str) -> float:
    wanted = "s" if unit == "ms" else unit if unit in _EXAMPLES else ""
    if quantity.unit == wanted:
        return quantity.value * 1000 if unit == "ms" else quantity.value
    if quantity.unit == "" and unit == "ratio" and abs(quantity.value) < 1:
        return quantity.value
    if quantity.unit == "":
        raise InputError(f"{_WHAT[unit]} needs a unit: write {text}{_EXAMPLES[unit]}")
    if wanted:
        raise InputError(f"expected {_WHAT[unit]}, such as 5{_EXAMPLES[unit]}")
    kind = "a plain number" if unit == "count" else f"a plain number of {unit}"
    raise InputError(f"expected {kind}, without a unit")
