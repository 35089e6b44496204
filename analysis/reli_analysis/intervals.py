"""The interval that a finding states for what was observed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reli_analysis.verdict import Finding


LEVEL = 0.95
"""How often an interval holds the truth."""


def interval_of(finding: Finding) -> tuple[float, float] | None:
    """The interval of what was observed, in the finding's unit."""
    ends = finding.evidence.get("interval")
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        return None
    low, high = (
        _end(end, missing) for end, missing in zip(ends, (-math.inf, math.inf), strict=True)
    )
    if math.isnan(low) or math.isnan(high) or (math.isinf(low) and math.isinf(high)):
        return None
    return low, high


def _end(value: Any, missing: float) -> float:
    """An end of an interval; one that does not exist lies infinitely far out."""
    if value is None:
        return missing
    return float(value) if isinstance(value, int | float) else math.nan
