"""Series of Prometheus, however they were written: names, units, and the run of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.generic_csv import EVERYTHING_IS_STEADY
from reli_analysis.readers.number_chunks import MAX_CELLS
from reli_analysis.readers.problems import LARGEST, Problems, without_absurd
from reli_analysis.record.layout import unit_of
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

NAME = "__name__"
MOST_SERIES = 2000
_SUFFIXES = {"_seconds": "s", "_bytes": "bytes", "_ratio": "ratio"}


@dataclass(frozen=True)
class Line:
    """One series: its labels (its name is one of them), and its values by moment."""

    labels: Mapping[str, str]
    wall_s: NDArray[np.float64]
    values: NDArray[np.float64]


def run_of(path: Path, lines: Sequence[Line]) -> Run:
    """Each series under its name, with those labels that tell it from the others.

    Raises ``InputError`` when there is none, or too many.
    """
    problems = Problems(path.name)
    lines = [whole for line in lines if len((whole := _usable(line, problems)).wall_s)]
    if not lines:
        raise InputError(f"{path} holds no series with numbers; see whether the query matches any")
    if len(lines) > MOST_SERIES:
        raise InputError(
            f"{path} holds {len(lines):,} series; at most {MOST_SERIES:,} are read: sum them up "
            "in the query"
        )
    # Every series has every moment, because rows of a run belong together.
    moments_s = np.unique(np.concatenate([line.wall_s for line in lines]))
    if len(moments_s) * len(lines) > MAX_CELLS:
        raise InputError(f"{path} holds more than {MAX_CELLS:,} numbers; ask for a longer step")
    steps = np.diff(moments_s)
    series = {}
    for name, line in zip(_names(lines), lines, strict=True):
        values = np.full(len(moments_s), np.nan)
        values[np.searchsorted(moments_s, line.wall_s)] = line.values
        series[name] = Series(name, _unit(line), moments_s - moments_s[0], values)
    return Run(
        title=path.name,
        path=path,
        series=series,
        damage=problems.damage(),
        notes=(
            (
                f"Prometheus's answer: {len(lines):,} series at seconds since 1970 UTC; a series is "
                "named by its metric and the labels in which it differs; units are those of the names"
            ),
            EVERYTHING_IS_STEADY,
        ),
        interval_s=float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0,
    )


def _usable(line: Line, problems: Problems) -> Line:
    """In order of time, without moments that are none; what is no number is missing."""
    timed = np.abs(line.wall_s) < LARGEST
    if not timed.all():
        problems.add("time", "a value without a time is left out", int((~timed).sum()))
    wall_s, values = line.wall_s[timed], line.values[timed]
    if (np.diff(wall_s) < 0).any():
        problems.add("order", "a series goes back in time; it was put in order")
    order = np.argsort(wall_s, kind="stable")
    name = line.labels.get(NAME, "value")[:60]
    return Line(line.labels, wall_s[order], without_absurd(values[order], name, problems))


def _names(lines: Sequence[Line]) -> list[str]:
    keys = sorted({key for line in lines for key in line.labels} - {NAME})
    telling = [key for key in keys if len({line.labels.get(key) for line in lines}) > 1]
    names: list[str] = []
    taken: dict[str, int] = {}
    for line in lines:
        labels = ",".join(f'{key}="{line.labels[key]}"' for key in telling if key in line.labels)
        name = line.labels.get(NAME, "value") + (f"{{{labels}}}" if labels else "")
        taken[name] = taken.get(name, 0) + 1
        names.append(name if taken[name] == 1 else f"{name} {taken[name]}")
    return names


def _unit(line: Line) -> str:
    """The unit that a name states, ``_total`` and ``_sum`` aside."""
    name = line.labels.get(NAME, "").removesuffix("_total").removesuffix("_sum")
    return next((unit for end, unit in _SUFFIXES.items() if name.endswith(end)), unit_of(name))
