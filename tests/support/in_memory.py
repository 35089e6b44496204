"""Runs made of arrays, without a record on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.record.layout import TREE, unit_of
from reli_analysis.series import Run, Sampled, Series
from reli_analysis.windows import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

HOUR_S = 3600


def series(name: str, values: NDArray[Any], step_s: float = 1.0, start_s: float = 0.0) -> Series:
    """Values at equal steps, in the unit that the name states."""
    elapsed_s = start_s + np.arange(len(values), dtype=np.float64) * step_s
    return Series(name, unit_of(name), elapsed_s, np.array(values, dtype=np.float64))


def tree(  # noqa: PLR0913 -- one argument a property of what is made
    source: str,
    columns: Mapping[str, NDArray[Any]],
    *,
    step_s: float = 1.0,
    start_s: float = 0.0,
    segment: int = 0,
    kind: str = TREE,
) -> Sampled:
    """One segment of a target: all of its columns sampled at the same moments."""
    made = {name: series(name, values, step_s, start_s) for name, values in columns.items()}
    times_s = next(iter(made.values())).elapsed_s
    return Sampled("target", source, "here", "service", times_s, made, kind=kind, segment=segment)


def run_of(
    columns: Mapping[str, NDArray[Any]] | None = None,
    *,
    sampled: Sequence[Sampled] = (),
    step_s: float = 1.0,
    windows: Sequence[Window] = (),
    length_s: float = HOUR_S,
) -> Run:
    """A run of these results columns and samples, steady all through unless it has windows."""
    made = {name: series(name, values, step_s) for name, values in (columns or {}).items()}
    made = made or {"users": series("users", np.ones(int(length_s / step_s)), step_s)}
    return Run(
        "x", Path("x"), made, tuple(windows), None, sampled=tuple(sampled), interval_s=step_s
    )


def noisy(
    level: float, *, noise: float, per_h: float = 0.0, length: int = HOUR_S, seed: int = 1
) -> NDArray[np.float64]:
    """A level with white noise and a steady growth, one value a second."""
    rng = np.random.default_rng(seed)
    return np.asarray(
        level + per_h * np.arange(length) / HOUR_S + noise * rng.standard_normal(length)
    )
