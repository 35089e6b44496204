"""Findings as the page shows them: each with its margin, its words and its evidence."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from reli_analysis.drawn.margins import margin
from reli_analysis.record.layout import unit_of
from reli_analysis.report import parts
from reli_analysis.report.plain import plain
from reli_analysis.report.svg.interval import Scale, interval_bar
from reli_analysis.units import format_value
from reli_analysis.visible import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from reli_analysis.drawn.margins import Margin
    from reli_analysis.judgement import Judgement
    from reli_analysis.verdict import Finding

SCALE = Scale(lowest=-1.0, highest=0.5)
"""In parts of the limit: from all of it to spare to half of it too much."""

DRAWN = frozenset({"fit", "changes", "slo", "interval", "interval_level"})
"""Evidence that has a picture, a table or a column of its own."""

_MOMENTS = {"started_s", "wall_s"}
"""Names that state seconds since 1970, not a length of time."""

_LONGEST = 1000


def finding_view(finding: Finding, units: Mapping[str, str]) -> dict[str, Any]:
    """Everything that a row shows of a finding."""
    found = margin(finding, units)
    return {
        "id": finding.id,
        "kind": finding.kind,
        "word": parts.word(finding),
        "check": parts.check(finding),
        "observed": parts.observed(finding),
        "interval": parts.interval(finding),
        "limit": parts.limit(finding),
        "subject": finding.subject,
        "margin": _bar(finding, found),
        "margin_words": "" if found is None else spared(found),
        "message": finding.message,
        "evidence": [
            (name, measured(name, value))
            for name, value in finding.evidence.items()
            if name not in DRAWN
        ],
    }


def findings_view(judgement: Judgement) -> dict[str, Any]:
    """What was asked for and what was checked besides, the worst first in each."""
    units = {name: series.unit for name, series in judgement.run.series.items()}
    found = [finding_view(f, units) for f in parts.worst_first(judgement.findings)]
    return {
        "reasons": [view for view in found if view["word"] != "PASS"],
        "budgets": [view for view in found if view["kind"] == "budget"],
        "checks": [view for view in found if view["kind"] != "budget"],
    }


def _bar(finding: Finding, found: Margin | None) -> Markup | None:
    if found is None:
        return None
    return interval_bar(
        SCALE,
        found.observed,
        found.low,
        found.high,
        description=f"{parts.check(finding)}: {margin_words(found)}",
        tone=parts.word(finding),
        first=found.first,
    )


def spared(found: Margin) -> str:
    """``35 % to spare``, in parts of the limit; ``4 times the limit`` where that says more."""
    if abs(found.observed) > 1 and found.ratio > 0:
        return f"{found.ratio:.3g} times {found.of}"
    return f"{_percent(abs(found.observed))} {_side(found.observed)}"


def margin_words(found: Margin) -> str:
    """The margin with its interval, for who does not see the picture."""
    words = f"{spared(found)}, in parts of {found.of}"
    ends = [end for end in (found.low, found.high) if end is not None]
    if len(ends) == 2:
        told = (_end(end) for end in ends)
        words += ", interval from {} to {}".format(*told)
    return words


def _end(distance: float) -> str:
    if math.isinf(distance):
        return "no bound"
    return f"{_percent(abs(distance))} {_side(distance)}"


def _side(distance: float) -> str:
    return "too much" if distance > 0 else "to spare"


def _percent(share: float) -> str:
    return format_value(float(f"{share:.2g}"), "ratio")


def measured(name: str, value: Any) -> str:
    """A value in the unit that its name states; a pair of numbers is a stretch."""
    unit = unit_of(name)
    if unit != "count" and isinstance(value, list | tuple):
        return _stretches(name, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or unit == "count":
        return _say(value)
    if name in _MOMENTS:
        return parts.utc(value)
    return format_value(float(value), unit)


def _stretches(name: str, values: Sequence[Any]) -> str:
    """``5 s to 1 min 15 s; 2 min to 3 min``."""
    if any(isinstance(value, list | tuple) for value in values):
        return shorten("; ".join(measured(name, value) for value in values), _LONGEST)
    told = [measured(name, value) for value in values]
    return shorten((" to " if len(told) == 2 else ", ").join(told), _LONGEST)


def _say(value: Any) -> str:
    """A value without a known unit on one line."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        return value
    return shorten(json.dumps(plain(value), ensure_ascii=False), _LONGEST)
