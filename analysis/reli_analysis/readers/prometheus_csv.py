"""A range query of Prometheus as CSV: a row a value, with a column for each label."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.dialect import sniff
from reli_analysis.readers.number_chunks import MAX_CELLS
from reli_analysis.readers.prometheus import MOST_SERIES, NAME, Line, run_of
from reli_analysis.readers.request_log.arrow import Left, csv_batches
from reli_analysis.readers.request_log.csv_log import CsvLog
from reli_analysis.readers.time_column import EPOCH_UNITS, parse_times

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run

_NAMES = (NAME, "metric", "name")
_VALUE = "value"
_HEAD_BYTES = 1 << 20


class PrometheusCsv:
    """Recognised by a column ``value``, one of names or instances, and one of time."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        columns = [name.lower() for name in CsvLog.header(head)[1]]
        return (
            _VALUE in columns
            and bool({"timestamp", "time"} & set(columns))
            and bool({NAME, "metric", "instance", "job"} & set(columns))
        )

    def read(self, path: Path, guide: Guide) -> Run:
        with path.open("rb") as file:
            dialect = sniff(str(path), file.read(_HEAD_BYTES))
        columns = dialect.columns
        value = next(name for name in columns if name.lower() == _VALUE)
        time = columns[dialect.time_at]
        labels = [name for name in columns if name not in {value, time, ""}]
        numeric = dialect.looks_numeric(dialect.time_at)
        batches = csv_batches(
            path,
            columns=columns,
            header=True,
            delimiter=dialect.delimiter,
            wanted=(*labels, time),
            numbers=(value,),
            left=Left(),
            progress=guide.progress,
        )
        parts: dict[tuple[str, ...], list[tuple[np.ndarray, np.ndarray]]] = defaultdict(list)
        cells = 0
        for rows in batches:
            cells += len(rows)
            if cells > MAX_CELLS or len(parts) > MOST_SERIES:
                raise InputError(
                    f"{path} holds more than {MAX_CELLS:,} values or {MOST_SERIES:,} series; "
                    "sum them up in the query"
                )
            moments = np.asarray(parse_times(rows.texts(time), numeric=numeric))
            values = rows.numbers(value)
            keys = list(zip(*(rows.texts(name) for name in labels), strict=True))
            for key in dict.fromkeys(keys):
                at = np.array([one == key for one in keys])
                parts[key].append((moments[at], values[at]))
        return run_of(path, [_line(labels, key, some) for key, some in parts.items()])


def _line(
    labels: list[str], key: tuple[str, ...], some: list[tuple[np.ndarray, np.ndarray]]
) -> Line:
    moments = np.concatenate([moment for moment, _values in some])
    typical = float(np.nanmedian(np.abs(moments))) if np.isfinite(moments).any() else 0.0
    scale = next((scale for above, scale, _unit in EPOCH_UNITS if typical > above), 1.0)
    named = {
        NAME if label in _NAMES else label: text for label, text in zip(labels, key, strict=True)
    }
    return Line(named, moments * scale, np.concatenate([values for _moments, values in some]))


READERS.register("prometheus csv", PrometheusCsv())
