"""Turns a foreign time column into seconds since the first row."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Moments since 1970 as numbers: seconds are 1e9, and each finer unit is a thousand times as many.
EPOCH_UNITS = ((1e17, 1e-9, "ns"), (1e14, 1e-6, "us"), (1e11, 1e-3, "ms"), (1e8, 1.0, "s"))


def pandas() -> Any:
    """The pandas module; imported late, because it takes longer than all the rest together."""
    return importlib.import_module("pandas")


def parse_times(cells: Any, *, numeric: bool) -> NDArray[np.float64]:
    """Numbers as they stand, or ISO 8601 dates as seconds since 1970; NaN for what is neither."""
    if numeric:
        return np.asarray(pandas().to_numeric(cells, errors="coerce"), dtype=np.float64)
    moments = pandas().to_datetime(cells, errors="coerce", utc=True, format="ISO8601")
    since_1970 = moments.to_numpy(dtype="datetime64[ns]")
    seconds = since_1970.astype(np.int64) / 1e9
    return np.where(np.isnat(since_1970), np.nan, seconds)


def to_elapsed(times: NDArray[np.float64], name: str) -> tuple[NDArray[np.float64], str]:
    """Seconds since the first row (a column named after ``elapsed`` stays), and how it was read.

    The unit is that in the column's name; else numbers that can only be moments since 1970 are
    taken as such, and all others as seconds.
    """
    name = name.casefold()
    typical = float(np.median(np.abs(times)))
    scale, unit = next(((s, u) for above, s, u in EPOCH_UNITS if typical > above), (1.0, ""))
    if name.endswith("_ms"):
        scale, unit = 1e-3, unit and "ms"
    seconds = times * scale
    if name.startswith("elapsed") and not unit:
        return seconds, "milliseconds" if scale < 1 else "seconds"
    how = f"{unit} since 1970" if unit else "milliseconds" if scale < 1 else "seconds"
    return seconds - seconds.min(), how
