"""The rows of ``results.csv`` as series and windows, with a record around them or without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.table import read_table
from reli_analysis.record.layout import RESULTS_COLUMNS, unit_of
from reli_analysis.series import Series
from reli_analysis.windows import from_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from reli_analysis.record import MetricSpec
    from reli_analysis.series import Damage
    from reli_analysis.windows import Window

NEEDED = ("elapsed_s", "interval_s", "window", "requests", "failures")
_TEXTS = ("stage", "window")
_PLACES = ("elapsed_s", "wall_s", "interval_s")


@dataclass(frozen=True)
class Results:
    """What ``results.csv`` tells."""

    series: Mapping[str, Series]
    windows: tuple[Window, ...]
    interval_s: float
    damage: tuple[Damage, ...]

    def __len__(self) -> int:
        return max((len(series) for series in self.series.values()), default=0)


def read_results(path: Path, metrics: Sequence[MetricSpec] = ()) -> Results:
    """Read the file; raises ``RecordError`` or ``OSError`` when nothing of it can be used."""
    table = read_table(path, texts=_TEXTS, needed=NEEDED)
    units = {column.name: column.unit for column in RESULTS_COLUMNS}
    units |= {metric.name: metric.unit for metric in metrics}
    series = {
        name: Series(name, units.get(name) or unit_of(name), table.elapsed_s, values)
        for name, values in table.numbers.items()
        if name not in _PLACES
    }
    lengths = table.numbers["interval_s"]
    lengths = lengths[np.isfinite(lengths) & (lengths > 0)]
    interval_s = float(np.median(lengths)) if len(lengths) else 1.0
    words = (table.texts("window"), table.texts("stage"))
    windows = from_rows(table.elapsed_s.tolist(), *words, interval_s)
    return Results(series, windows, interval_s, table.damage)
