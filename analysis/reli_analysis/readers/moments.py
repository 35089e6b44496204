"""Moments as request logs write them: numbers of several units, and dates."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.time_column import EPOCH_UNITS, pandas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


ISO = "ISO8601"
_ZONE = re.compile(r"(Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_FORMS = (
    "%Y/%m/%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%m/%d/%y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
)
"""Dates that are not ISO 8601, as JMeter's settings and spreadsheets write them."""


def epoch_per_s(text: str) -> float:
    """How many units of this moment since 1970 make a second; 0 when it is no number."""
    try:
        value = abs(float(text))
    except ValueError:
        return 0.0
    if not math.isfinite(value):
        return 0.0
    return next((round(1 / scale) for above, scale, _unit in EPOCH_UNITS if value > above), 1.0)


def date_form(text: str) -> str:
    """How dates are written that begin with this one: ``"ISO8601"`` or a form of strptime."""
    for form in (ISO, *_FORMS):
        if np.isfinite(parsed_dates([text], form)).all():
            return form
    return ISO


def has_zone(text: str) -> bool:
    """Whether a date says its zone of time."""
    return bool(_ZONE.search(text.strip()))


def parsed_dates(texts: Sequence[str], form: str = ISO) -> NDArray[np.float64]:
    """Seconds since 1970 of dates; one without a zone is taken as UTC, NaN for what is none."""
    parsed = pandas().to_datetime(list(texts), errors="coerce", utc=True, format=form)
    since_1970 = parsed.to_numpy(dtype="datetime64[ns]")
    seconds = since_1970.astype(np.int64) / 1e9
    return np.where(np.isnat(since_1970), np.nan, seconds)
