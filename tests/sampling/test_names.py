"""Columns and Prometheus metrics stand for each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.sampling.names import (
    RESOURCE_KINDS,
    VALUE_COLUMNS,
    column_of,
    in_base_units,
    in_column_units,
    prometheus_name,
)
from reli_analysis.record.layout import RESOURCES_COLUMNS

_KINDS = st.sampled_from(RESOURCE_KINDS)
_COLUMNS = st.sampled_from(list(VALUE_COLUMNS))


@given(_KINDS, _COLUMNS)
def test_every_column_of_every_kind_comes_back(kind: str, column: str) -> None:
    """No two columns share a metric, and each metric is a valid name with its unit."""
    name = prometheus_name(kind, column)
    assert column_of(name) == (kind, column)
    assert name.startswith(f"reli_{kind}_")
    assert name.endswith("_total") == VALUE_COLUMNS[column].counter
    unit = {"bytes": "_bytes", "s": "_seconds", "ratio": "_ratio"}.get(VALUE_COLUMNS[column].unit)
    if unit:
        assert name.removesuffix("_total").endswith(unit)


@given(_COLUMNS, st.floats(allow_nan=False, allow_infinity=False, max_value=1e300))
def test_values_come_back_too(column: str, value: float) -> None:
    """What is turned into base units is turned back."""
    assert in_column_units(column, in_base_units(column, value)) == pytest.approx(value)


@given(st.text(max_size=40))
def test_no_other_name_is_a_column(name: str) -> None:
    """Metrics of others are none of ours."""
    assert column_of(name) is None


def test_all_names_differ() -> None:
    """The pairs of kind and column are as many as the metrics."""
    names = {prometheus_name(kind, column) for kind in RESOURCE_KINDS for column in VALUE_COLUMNS}
    assert len(names) == len(RESOURCE_KINDS) * len(VALUE_COLUMNS)
    assert "reli_tree_cpu_seconds_total" in names
    assert "reli_host_disk_free_ratio" in names


def test_what_says_what_a_row_is_of_has_no_metric() -> None:
    """Identity is in labels; only measured values are metrics."""
    assert set(VALUE_COLUMNS) < {column.name for column in RESOURCES_COLUMNS}
    for column in ("pid", "segment", "elapsed_s", "process"):
        with pytest.raises(KeyError):
            prometheus_name("tree", column)
    with pytest.raises(ValueError, match="no columns"):
        prometheus_name("metric", "rss_bytes")
