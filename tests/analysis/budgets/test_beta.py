"""The incomplete beta function of our own is that of SciPy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from reli_analysis.budgets.beta import beta_below, beta_quantile, student_quantile

SHAPES = st.floats(-1, 6).map(lambda exponent: 10**exponent)


@given(SHAPES, SHAPES, st.floats(0, 1))
def test_it_is_the_incomplete_beta_function(a: float, b: float, x: float) -> None:
    """For shapes from a tenth to a million, anywhere between 0 and 1."""
    assert beta_below(x, a, b) == pytest.approx(special.betainc(a, b, x), abs=1e-7)


@given(SHAPES.map(lambda a: a + 1), SHAPES, st.sampled_from([0.025, 0.05, 0.5, 0.95, 0.975]))
def test_its_quantile_is_its_inverse(a: float, b: float, probability: float) -> None:
    """The quantile's own probability is the one that was asked for."""
    quantile = beta_quantile(probability, a, b)
    assert 0 <= quantile <= 1
    assert quantile == pytest.approx(special.betaincinv(a, b, probability), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("freedom", [1, 2, 5, 19, 200])
def test_students_t(freedom: int) -> None:
    """Quantiles of Student's t follow from it."""
    assert student_quantile(0.95, freedom) == pytest.approx(special.stdtrit(freedom, 0.975))
