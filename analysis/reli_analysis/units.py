"""Quantities as people write them ("250ms", "512MiB", "1%", "50/s") and as they read them.

Inside reli every number is in the unit that its name carries: seconds, milliseconds, bytes,
ratios (1 % is 0.01), events a second. Only this module knows the other spellings.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from reli_analysis.errors import InputError

_NUMBER = r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
_QUANTITY = re.compile(_NUMBER + r"\s*(?P<unit>[A-Za-zµ%/]*)", re.IGNORECASE)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|us|µs|ns|s|m|min|h|d)(?![a-z])", re.IGNORECASE)

_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}
_BYTES = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_PER_SECOND = {"/s": 1.0, "/m": 1 / 60, "/min": 1 / 60, "/h": 1 / 3600}


@dataclass(frozen=True)
class Quantity:
    """A number in a base unit: ``"s"``, ``"bytes"``, ``"ratio"``, ``"1/s"`` or ``""`` (a count)."""

    value: float
    unit: str


def parse_quantity(text: str) -> Quantity:
    """Read one quantity; raises ``InputError`` naming what was found and what would be right."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        raise InputError(f'"{text}" is not a quantity; write for example 250ms, 512MiB, 1% or 50/s')
    value, unit = float(match["number"]), match["unit"].lower()
    if not math.isfinite(value):
        raise InputError(f'"{text}" is too large a number')
    if unit == "":
        return Quantity(value, "")
    if unit == "%":
        return Quantity(value / 100, "ratio")
    for table, base in ((_SECONDS, "s"), (_BYTES, "bytes"), (_PER_SECOND, "1/s")):
        if unit in table:
            return Quantity(value * table[unit], base)
    known = ", ".join([*_SECONDS, "kB", "MB", "GB", "KiB", "MiB", "GiB", "%", *_PER_SECOND])
    raise InputError(f'unknown unit "{match["unit"]}" in "{text}"; known: {known}')


def parse_duration_s(text: str | float) -> float:
    """Seconds of ``"90s"``, ``"1m30s"``, ``"2h"`` or a plain number of seconds; never negative."""
    if isinstance(text, bool):
        raise InputError(f'"{text}" is not a duration; write for example 30s, 5m or 2h')
    if isinstance(text, int | float):
        seconds = float(text)
    else:
        stripped = text.strip()
        parts = _DURATION_PART.findall(stripped)
        rest = _DURATION_PART.sub("", stripped).strip()
        if parts and not rest:
            seconds = sum(float(number) * _SECONDS[unit.lower()] for number, unit in parts)
        else:
            try:
                seconds = float(stripped)
            except ValueError:
                raise InputError(
                    f'"{text}" is not a duration; write for example 30s, 5m or 2h'
                ) from None
    if not math.isfinite(seconds) or seconds < 0:
        raise InputError(f'"{text}" is not a duration: it must be finite and not negative')
    return seconds


def format_duration(seconds: float) -> str:
    """``"1 h 30 min"``, ``"45 s"``, ``"1.5 s"``: what a person would say."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    parts = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def _scaled(value: float, steps: list[tuple[float, str]]) -> str:
    for size, name in steps:
        if abs(value) >= size:
            return f"{value / size:.4g} {name}"
    size, name = steps[-1]
    return f"{value / size:.4g} {name}"


def format_value(value: float | None, unit: str) -> str:
    """One number with its unit, in the size a person reads; a missing one is a dash."""
    if value is None or not math.isfinite(value):
        return "–"
    match unit:
        case "ms":
            return _scaled(value, [(1000, "s"), (1, "ms"), (0.001, "µs")])
        case "s":
            return format_duration(value) if value >= 0 else f"{value:.3g} s"
        case "bytes":
            return _scaled(value, [(2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B")])
        case "count/h":
            return f"{value:,.4g}/h"
        case "bytes/h":
            return format_value(value, "bytes") + "/h"
        case "ratio":
            return f"{value * 100:.4g} %"
        case "1/s":
            return f"{value:.4g}/s" if abs(value) < 10_000 else f"{value:,.0f}/s"
        case "" | "count":
            return f"{value:,.6g}"
        case _:
            return f"{value:.4g} {unit}"
