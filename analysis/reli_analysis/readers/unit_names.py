"""The unit of a foreign column: as its name says it, or as the user does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reli_analysis.errors import InputError
from reli_analysis.record.layout import unit_of


@dataclass(frozen=True)
class Scale:
    """The unit that values are kept in, and what they are multiplied by to get there."""

    unit: str
    factor: float = 1.0


_KNOWN = {
    "ns": Scale("ms", 1e-6),
    "us": Scale("ms", 1e-3),
    "µs": Scale("ms", 1e-3),
    "ms": Scale("ms"),
    "s": Scale("s"),
    "min": Scale("s", 60),
    "h": Scale("s", 3600),
    "bytes": Scale("bytes"),
    "b": Scale("bytes"),
    "kb": Scale("bytes", 1e3),
    "mb": Scale("bytes", 1e6),
    "gb": Scale("bytes", 1e9),
    "kib": Scale("bytes", 2**10),
    "mib": Scale("bytes", 2**20),
    "gib": Scale("bytes", 2**30),
    "%": Scale("ratio", 0.01),
    "ratio": Scale("ratio"),
    "1/s": Scale("1/s"),
    "cores": Scale("cores"),
    "count": Scale("count"),
}
_WORDS = {
    "nanoseconds": "ns", "microseconds": "us", "usec": "us", "milliseconds": "ms", "millis": "ms",
    "msec": "ms", "seconds": "s", "sec": "s", "secs": "s", "minutes": "min", "hours": "h",
    "byte": "bytes", "kilobytes": "kb", "megabytes": "mb", "gigabytes": "gb", "kibibytes": "kib",
    "mebibytes": "mib", "gibibytes": "gib", "percent": "%", "pct": "%", "rps": "1/s", "qps": "1/s",
    "per_s": "1/s", "/s": "1/s", "req/s": "1/s", "requests/s": "1/s", "failures/s": "1/s",
}  # fmt: skip
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,20})[)\]]\s*$")
_LAST_WORD = re.compile(r"(?:^|[\s_./-])([a-zµ%]+)$", re.IGNORECASE)
_PERCENTILE = re.compile(r"[\d.]+%")
_TOO_SHORT = frozenset({"s", "h", "b", "min", "count", "ratio", "cores", "bytes", "ms"})
"""Words that are taken for units only where our own names would be, after an underscore."""


def parse_unit(text: str) -> Scale:
    """The unit that a user writes; raises ``InputError`` naming the known ones."""
    found = _scale(text)
    if found is None:
        known = ", ".join(name for name in _KNOWN if name not in {"b", "µs"})
        raise InputError(f'"{text}" is no unit of a column; known: {known}')
    return found


def is_unit(text: str) -> bool:
    """Whether a user may write this as a unit."""
    return _scale(text) is not None


def guess_unit(column: str) -> tuple[Scale, str]:
    """The unit that a column's name states, and how it was read if it is not written our way.

    ``rss_bytes`` and ``p95_ms`` are in our own spelling; ``RSS (MiB)``, ``rss_mb``, ``cpu %`` and
    ``latency_us`` are converted. A name without a unit is a count.
    """
    bracket = _IN_BRACKETS.search(column)
    word = bracket[1].strip() if bracket else ""
    if not bracket and (match := _LAST_WORD.search(column)):
        word = "" if match[1].lower() in _TOO_SHORT else match[1]
    if column.endswith("%") and not _PERCENTILE.fullmatch(column):
        word = "%"
    if column.lower().endswith("/s"):
        word = "1/s"
    found = _scale(word) if word else None
    if found is None:
        return Scale(unit_of(column)), ""
    return found, f'"{column}" is read as {word}'


def _scale(text: str) -> Scale | None:
    name = text.strip().lower()
    return _KNOWN.get(_WORDS.get(name, name))
