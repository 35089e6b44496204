"""Turns a foreign time column into seconds since the first row."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Moments since 1970 as numbers: seconds are 1e9, and each finer unit is a thousand times as many.
EPOCH_UNITS = ((1e17, 1e-9, "ns"), (1e14, 1e-6, "us"), (1e11, 1e-3, "ms"), (1e8, 1.0, "s"))


UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "min": 60.0, "h": 3600.0}
_RARE_S = 900.0


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


def unit_asked(time: str) -> tuple[str, str]:
    """Name and unit of ``--time NAME=UNIT``; no unit where what follows the ``=`` is none."""
    name, equals, unit = time.rpartition("=")
    return (name, unit) if equals and unit in UNITS else (time, "")


def to_elapsed(
    times: NDArray[np.float64], name: str, asked: str = ""
) -> tuple[NDArray[np.float64], str]:
    """Seconds since the first row (a column named after ``elapsed`` stays), and how it was read.

    The unit is the one that is asked for, or that in the column's name; else numbers that can only be
    moments since 1970 are taken as such, and all others as seconds. Raises ``InputError`` where those
    would lie a quarter of an hour apart: they are milliseconds, or else somebody has to say so.
    """
    if asked:
        seconds = times * UNITS[asked]
        return seconds - (0.0 if name.casefold().startswith("elapsed") else seconds.min()), asked
    name = name.casefold()
    typical = float(np.median(np.abs(times)))
    scale, unit = next(((s, u) for above, s, u in EPOCH_UNITS if typical > above), (1.0, ""))
    if name.endswith("_ms"):
        scale, unit = 1e-3, unit and "ms"
    seconds = times * scale
    if not unit and scale == 1.0:
        _refuse_guess(seconds, name)
    if name.startswith("elapsed") and not unit:
        return seconds, "milliseconds" if scale < 1 else "seconds"
    how = f"{unit} since 1970" if unit else "milliseconds" if scale < 1 else "seconds"
    return seconds - seconds.min(), how


def _refuse_guess(seconds: NDArray[np.float64], name: str) -> None:
    steps = np.diff(np.unique(seconds[np.isfinite(seconds)]))
    if len(steps) and float(np.median(steps)) >= _RARE_S and not name.endswith(("_s", "seconds")):
        raise InputError(
            f'the rows lie {float(np.median(steps)):,.0f} apart in the column "{one_line(name[:40])}", '
            "which names no unit: say which it is, such as "
            f"--time {one_line(name[:40])}=ms or --time {one_line(name[:40])}=s"
        )
