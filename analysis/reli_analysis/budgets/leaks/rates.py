"""Growth over time as people write it: ``2MiB/h``, ``5/d``, ``1%/h``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets.limits import read_limit
from reli_analysis.errors import InputError
from reli_analysis.units import parse_duration_s

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOUR_S = 3600.0
SHARE = "ratio"
_WRITE = "write for example 2MiB/h, 5/d or 1%/h"


def read_rate(text: str, units: Mapping[str, str | None]) -> tuple[float, str]:
    """Growth an hour and its unit; a percentage is a share of the usual level and fits anything.

    ``units`` are those of the columns that it is to bound; raises ``InputError``.
    """
    amount, slash, time = text.rpartition("/")
    if not slash or not amount or not time:
        raise InputError(f"a rate of growth is expected; {_WRITE}")
    try:
        hours = parse_duration_s(f"1{time}") / _HOUR_S
    except InputError:
        raise InputError(f'"{time}" is no unit of time; {_WRITE}') from None
    if amount.endswith("%"):
        read, unit = read_limit(amount, SHARE)
    elif len(set(units.values())) > 1:
        names = " and ".join(units)
        raise InputError(f"{names} differ in their units: give each a line of its own, or a share")
    else:
        read, unit = read_limit(amount, next(iter(units.values())))
    if read <= 0:
        raise InputError("growth that matters is more than 0")
    return read / hours, unit
