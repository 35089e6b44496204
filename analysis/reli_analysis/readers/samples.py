"""Samples of processes as other tools take them, brought into the columns that reli has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.record.layout import PROCESS, unit_of
from reli_analysis.series import Sampled, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PROCESSES = 200
"""Shown one by one; the sums hold all of them."""


@dataclass(frozen=True)
class Samples:
    """One row a process and sample: arrays of one length; a column without a number is NaN.

    ``cpu_s`` is the CPU time that a process has used since it began.
    """

    wall_s: NDArray[np.float64]
    pids: NDArray[np.int64]
    names: list[str]
    columns: dict[str, NDArray[np.float64]]
    cpu_s: NDArray[np.float64]


def summed(samples: Samples) -> dict[str, Series]:
    """All processes of each sample as a sum."""
    moments, at = np.unique(samples.wall_s, return_inverse=True)
    elapsed_s = moments - moments[0]
    columns = {"processes": np.bincount(at).astype(np.float64)}
    columns |= {name: _sums(at, values, len(moments)) for name, values in samples.columns.items()}
    columns["cpu_cores"] = _sums(at, _cores(samples), len(moments))
    if len(moments):
        columns["cpu_cores"][0] = np.nan
    return {
        name: Series(name, unit_of(name), elapsed_s, values) for name, values in columns.items()
    }


def by_process(samples: Samples, source: str) -> tuple[Sampled, ...]:
    """Each process with its own series, at most so many."""
    cores = _cores(samples)
    began = float(samples.wall_s.min())
    found = []
    for pid in np.unique(samples.pids)[:MOST_PROCESSES].tolist():
        rows = np.flatnonzero(samples.pids == pid)
        rows = rows[np.argsort(samples.wall_s[rows], kind="stable")]
        elapsed_s = samples.wall_s[rows] - began
        columns = {name: values[rows] for name, values in samples.columns.items()}
        columns["cpu_cores"] = cores[rows]
        found.append(
            Sampled(
                role="target",
                source=source,
                host="",
                name=samples.names[int(rows[-1])],
                kind=PROCESS,
                pid=pid,
                elapsed_s=elapsed_s,
                series={
                    name: Series(name, unit_of(name), elapsed_s, values)
                    for name, values in columns.items()
                },
            )
        )
    return tuple(found)


def _sums(at: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Sums by moment; NaN where nothing was measured."""
    known = np.isfinite(values)
    sums = np.bincount(at[known], values[known], minlength=count)
    return np.where(np.bincount(at[known], minlength=count) > 0, sums, np.nan)


def _cores(samples: Samples) -> NDArray[np.float64]:
    """CPU time since the process's sample before, by the time between them; NaN for its first."""
    order = np.lexsort((samples.wall_s, samples.pids))
    steps_s = np.diff(samples.wall_s[order])
    used_s = np.diff(samples.cpu_s[order])
    same = (np.diff(samples.pids[order]) == 0) & (steps_s > 0) & (used_s >= 0)
    cores = np.full(len(order), np.nan)
    cores[order[1:]] = np.where(same, used_s / np.where(steps_s > 0, steps_s, 1.0), np.nan)
    return cores
