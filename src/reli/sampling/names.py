"""Names of what is measured, as columns of ``resources.csv`` and as Prometheus metrics.

A metric is ``reli_``, the kind and the column in base units: ``rss_bytes`` of a tree is
``reli_tree_rss_bytes``, ``cpu_s`` is ``reli_tree_cpu_seconds_total``. What only grows ends in
``_total``; a time is in seconds, so a column in milliseconds is divided by 1,000.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from reli_analysis.record.layout import CGROUP, HOST, METRIC, PROCESS, RESOURCES_COLUMNS, TREE

if TYPE_CHECKING:
    from reli_analysis.record.layout import Column

RESOURCE_KINDS = (PROCESS, TREE, CGROUP, HOST)
METRIC_VALUE = "reli_metric_value"
"""The metric that stands for rows of ``metrics.csv``; its label ``metric`` names them."""

_PREFIX = "reli_"
_TOTAL = "_total"
_SECONDS = "_seconds"
_FIRST_VALUE = "rss_bytes"  # the columns before it say what a row is of


def _values() -> tuple[Column, ...]:
    names = [column.name for column in RESOURCES_COLUMNS]
    return RESOURCES_COLUMNS[names.index(_FIRST_VALUE) :]


VALUE_COLUMNS: dict[str, Column] = {column.name: column for column in _values()}
"""The columns of ``resources.csv`` that hold a measured value, by name."""


@cache
def prometheus_name(kind: str, column: str) -> str:
    """The metric for a column of a kind of reading.

    Raises ``KeyError`` for a column that holds no value, ``ValueError`` for a kind without columns.
    """
    if kind == METRIC or kind not in RESOURCE_KINDS:
        raise ValueError(f'readings of kind "{kind}" have no columns')
    known = VALUE_COLUMNS[column]
    base = re.sub(r"_m?s$", _SECONDS, column)
    return f"{_PREFIX}{kind}_{base}{_TOTAL if known.counter else ''}"


@cache
def _by_name() -> dict[str, tuple[str, str]]:
    return {
        prometheus_name(kind, column): (kind, column)
        for kind in RESOURCE_KINDS
        for column in VALUE_COLUMNS
    }


def column_of(name: str) -> tuple[str, str] | None:
    """The kind and the column that a metric stands for; ``None`` for any other metric."""
    return _by_name().get(name)


def in_base_units(column: str, value: float) -> float:
    """A column's value as its metric has it."""
    return value / 1000 if column.endswith("_ms") else value


def in_column_units(column: str, value: float) -> float:
    """A metric's value as its column has it."""
    return value * 1000 if column.endswith("_ms") else value
