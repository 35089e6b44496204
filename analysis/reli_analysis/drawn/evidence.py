"""What findings carry to be drawn: fitted trends and change points, read from their evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from reli_analysis.verdict import Finding


@dataclass(frozen=True)
class LeftOut:
    """A stretch that was not judged, and why."""

    from_s: float
    to_s: float
    why: str


@dataclass(frozen=True)
class Fit:
    """A fitted trend; values are in ``unit``, moments in elapsed seconds.

    ``points`` (n, 2) are the levels that were judged; ``line`` (n, 4) is the fitted line with its
    95 % band: moment, estimate, low, high.
    """

    finding: Finding
    metric: str
    unit: str
    source: str
    points: NDArray[np.float64]
    line: NDArray[np.float64]
    window_s: tuple[float, float] | None
    left_out: tuple[LeftOut, ...]
    began_s: float | None


@dataclass(frozen=True)
class Change:
    """A step of a quantity, when and between what; ``low_s`` to ``high_s`` is how sure that is."""

    finding: Finding
    metric: str
    source: str
    at_s: float
    low_s: float
    high_s: float
    before: float | None
    after: float | None
    unit: str
    because: str


def fits(findings: Iterable[Finding]) -> tuple[Fit, ...]:
    """Every trend that some finding shows."""
    found = (_fit(finding) for finding in findings)
    return tuple(fit for fit in found if fit is not None)


def changes(findings: Iterable[Finding]) -> tuple[Change, ...]:
    """Every change point that some finding names, in order of time."""
    found = (_change(f, told) for f in findings for told in _mappings(f.evidence.get("changes")))
    return tuple(sorted((c for c in found if c is not None), key=lambda change: change.at_s))


def _fit(finding: Finding) -> Fit | None:
    told = finding.evidence.get("fit")
    if not isinstance(told, dict):
        return None
    points, line = _table(told.get("points"), 2), _table(told.get("line"), 4)
    if not len(points) and not len(line):
        return None
    window = _table([told.get("window_s")], 2)
    left_out = (
        LeftOut(span[0], span[1], str(part.get("why", "")))
        for part in _mappings(told.get("left_out"))
        for span in _table([(part.get("from_s"), part.get("to_s"))], 2).tolist()
    )
    return Fit(
        finding=finding,
        metric=str(told.get("metric", "")),
        unit=str(told.get("unit", "")),
        source=str(told.get("source") or ""),
        points=points,
        line=line,
        window_s=(float(window[0, 0]), float(window[0, 1])) if len(window) else None,
        left_out=tuple(left_out),
        began_s=_number(told.get("began_s")),
    )


def _change(finding: Finding, told: Mapping[str, Any]) -> Change | None:
    at_s = _number(told.get("at_s"))
    if at_s is None:
        return None
    low_s, high_s = (_number(told.get(name)) for name in ("low_s", "high_s"))
    fit = finding.evidence.get("fit")
    named = told.get("metric") or finding.evidence.get("metric")
    if not named and isinstance(fit, dict):
        named = fit.get("metric")
    return Change(
        finding=finding,
        metric=str(named or finding.subject),
        source=str(
            finding.evidence.get("source")
            or (fit.get("source") if isinstance(fit, dict) else "")
            or ""
        ),
        at_s=at_s,
        low_s=at_s if low_s is None else low_s,
        high_s=at_s if high_s is None else high_s,
        before=_number(told.get("before")),
        after=_number(told.get("after")),
        unit=str(told.get("unit", finding.unit)),
        because=str(told.get("because") or ""),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return (
        [item for item in value if isinstance(item, dict)]
        if isinstance(value, list | tuple)
        else []
    )


def _table(rows: Any, width: int) -> NDArray[np.float64]:
    """The rows that hold ``width`` finite numbers."""
    kept = []
    for row in rows if isinstance(rows, list | tuple) else ():
        if isinstance(row, list | tuple) and len(row) == width:
            numbers = [_number(value) for value in row]
            if None not in numbers:
                kept.append(numbers)
    return np.array(kept, dtype=np.float64).reshape(len(kept), width)
