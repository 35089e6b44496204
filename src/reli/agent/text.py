"""Readings in the Prometheus text format.

A sample that is kept for readers begins with a comment that says when it was taken, and each part
of it with one that says when that was measured; comments are free in the format.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reli.sampling.exposition_text import show_labels
from reli.sampling.names import METRIC_VALUE, VALUE_COLUMNS, in_base_units, prometheus_name
from reli_analysis.record.layout import METRIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reli.sampling import Reading

SAMPLE = "sample"
EVENT = "event"
AGENT = "agent"
AT = "at"

Series = tuple[str, str]
"""A metric and its labels as they are written."""


def comment(word: str, content: Any) -> str:
    """A line that only our own readers understand."""
    return f"# {word} {json.dumps(content)}\n"


def series_of(source: str, reading: Reading) -> Iterator[tuple[Series, float]]:
    """Each value of a reading as a series; ``source`` is the target that it is of."""
    labels = {"source": source}
    if reading.host:
        labels["host"] = reading.host
    if reading.kind == METRIC:
        shown = show_labels({**labels, "metric": reading.name}.items())
        yield (METRIC_VALUE, shown), reading.values["value"]
        return
    labels["segment"] = str(reading.segment)
    if reading.pid:
        labels["pid"] = str(reading.pid)
    if reading.started_s:
        labels["started"] = repr(reading.started_s)
    if reading.parent_pid:
        labels["parent_pid"] = str(reading.parent_pid)
    shown = show_labels({**labels, "process": reading.name}.items())
    for column, value in reading.values.items():
        if column in VALUE_COLUMNS:
            yield (prometheus_name(reading.kind, column), shown), in_base_units(column, value)


def sample_text(
    head: Mapping[str, Any], elapsed_s: float, readings: Sequence[tuple[str, Reading]]
) -> str:
    """One whole sample, taken at ``elapsed_s``; what was measured at other moments says so."""
    moments: dict[float, list[str]] = {}
    for source, reading in readings:
        at_s = elapsed_s if reading.elapsed_s is None else reading.elapsed_s
        lines = moments.setdefault(at_s, [])
        lines += [
            f"{name}{labels} {value!r}\n" for (name, labels), value in series_of(source, reading)
        ]
    parts = [comment(AT, at_s) + "".join(lines) for at_s, lines in sorted(moments.items())]
    return comment(SAMPLE, {**head, "elapsed_s": elapsed_s}) + "".join(parts)


def page_text(families: Iterable[tuple[str, str, str, Mapping[str, float]]]) -> str:
    """A page for Prometheus: name, type, help, and values by their labels."""
    lines = []
    for name, kind, meaning, values in families:
        lines.append(f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n")
        lines += [f"{name}{labels} {value!r}\n" for labels, value in values.items()]
    return "".join(lines)
