"""The error budget of each availability that was asked for: used, left, how fast it burns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reli_analysis.report import parts
from reli_analysis.report.svg.interval import Scale, interval_bar
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reli_analysis.verdict import Finding

_SCALE = Scale(lowest=0.0, highest=1.5, line=1.0)
"""In parts of the error budget: from nothing used to half of it overspent."""


def slo_view(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """One entry a finding that tells of an error budget."""
    return [
        _entry(finding, told)
        for finding in findings
        if isinstance(told := finding.evidence.get("slo"), dict)
    ]


def _entry(finding: Finding, told: Mapping[str, Any]) -> dict[str, Any]:
    used = told.get("used_ratio")
    claim = told.get("claim") or {}
    left = told.get("left_ratio")
    return {
        "id": finding.id,
        "word": parts.word(finding),
        "check": parts.check(finding),
        "facts": [fact for fact in _facts(told) if fact[1]],
        "bar": None
        if used is None
        else interval_bar(
            _SCALE,
            used,
            description=f"{format_value(used, 'ratio')} of the error budget used",
            tone="FAIL" if left is not None and left < 0 else "PASS",
        ),
        "claim": str(claim.get("sentence") or ""),
        "scale": str(told.get("scale_sentence") or ""),
        "burn": [_burn(row) for row in told.get("burn") or () if isinstance(row, dict)],
    }


def _facts(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    used, left = told.get("used_ratio"), told.get("left_ratio")
    lasts_s, period_s = told.get("lasts_s"), told.get("period_s")
    budget = ""
    if used is not None and left is not None:
        budget = f"{format_value(used, 'ratio')} used, "
        rest = format_value(abs(left), "ratio")
        budget += f"{rest} left" if left >= 0 else f"overspent by {rest}"
    burns = (
        ""
        if told.get("burn_rate") is None
        else f"{told['burn_rate']:,.3g} times as fast as allowed"
    )
    if burns and period_s:
        month = format_duration(period_s)
        ends = f"after {format_duration(lasts_s)}" if lasts_s else "never"
        burns += f"; at this rate a budget for {month} is used up {ends}"
    return [
        ("objective", format_value(told.get("objective"), "ratio")),
        ("requests", _count(told.get("requests"))),
        ("failures", _failures(told)),
        ("error budget", budget),
        ("it burns", burns),
    ]


def _failures(told: Mapping[str, Any]) -> str:
    text = _count(told.get("failures"))
    allowed = told.get("allowed")
    return text if allowed is None or not text else f"{text} of {allowed:,.4g} allowed"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _burn(row: Mapping[str, Any]) -> dict[str, str]:
    """One pair of windows; an alert at this rate fires when both are past it."""
    at_s = row.get("at_s")
    highest = row.get("highest")
    return {
        "rate": f"{row.get('rate', 0):g}",
        "windows": f"{_length(row, 'of_long_s')} and {_length(row, 'of_short_s')}",
        "judged": f"{_length(row, 'long_s')} and {_length(row, 'short_s')}",
        "highest": "–" if highest is None else f"{highest:,.4g}",
        "at": "–" if at_s is None or not highest else format_duration(at_s),
        "word": "FAIL" if row.get("fired") else "PASS",
        "said": "would have fired" if row.get("fired") else "quiet",
    }


def _length(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "–" if value is None else format_duration(value)
