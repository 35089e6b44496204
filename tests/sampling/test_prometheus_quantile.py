"""Quantiles of histograms are what Prometheus says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.sampling.prometheus_quantile import histogram_quantile

_INF = math.inf


@pytest.mark.parametrize(
    ("quantile", "counts", "expected"),
    [
        (0.5, {1.0: 10, 2.0: 20, _INF: 20}, 1.0),
        (0.75, {1.0: 10, 2.0: 20, _INF: 20}, 1.5),
        (0.25, {1.0: 10, 2.0: 20, _INF: 20}, 0.5),
        (0.99, {1.0: 10, 2.0: 20, _INF: 40}, 2.0),
        (0.1, {-1.0: 10, 2.0: 20, _INF: 20}, -1.0),
        (0.5, {1.0: 0, 2.0: 0, _INF: 0}, None),
        (0.5, {1.0: 5, 2.0: 10}, None),
        (0.5, {_INF: 10}, None),
        (0.5, {1.0: 10, 2.0: 9, _INF: 10}, 0.5),
    ],
)
def test_a_quantile_lies_within_its_bucket(
    quantile: float, counts: dict[float, float], expected: float | None
) -> None:
    """Worked by hand from the definition of histogram_quantile."""
    assert histogram_quantile(quantile, counts) == expected


@given(
    st.lists(st.floats(0.001, 100), min_size=1, max_size=200),
    st.floats(0.01, 0.99),
)
def test_a_quantile_is_off_by_no_more_than_its_bucket(
    observed: list[float], quantile: float
) -> None:
    """The observation of that rank lies in the same bucket."""
    bounds = [0.01, 0.1, 1.0, 10.0, 100.0]
    counts = {bound: float(sum(o <= bound for o in observed)) for bound in [*bounds, _INF]}
    found = histogram_quantile(quantile, counts)
    assert found is not None
    exact = float(np.quantile(observed, quantile, method="inverted_cdf"))
    at = next(index for index, bound in enumerate(bounds) if exact <= bound)
    lower = bounds[at - 1] if at else 0.0
    assert lower <= found <= bounds[at] * (1 + 1e-12)
