"""A mixture of t distributions, against scipy's own."""

import numpy as np
import pytest
from scipy import stats

from reli_analysis.trends.posterior import Posterior, mixed


def one(estimate: float, error: float, log_likelihood: float = 0.0) -> Posterior:
    return Posterior(np.array([estimate]), np.array([error]), np.ones(1), 20, log_likelihood)


def test_a_single_component_is_a_t() -> None:
    """Quantiles and probabilities of one component are Student's."""
    t, found = stats.t(20, 3.0, 2.0), one(3.0, 2.0)
    assert found.interval == pytest.approx(t.interval(0.95))
    assert found.below(4.0) == pytest.approx(t.cdf(4.0))
    assert found.above(4.0) == pytest.approx(t.sf(4.0))
    assert found.quantile(0.99) == pytest.approx(t.ppf(0.99))


def test_a_mixture_weighs_by_likelihood() -> None:
    """The mean and the probabilities are those of the parts, weighed by exp(log weight)."""
    both = mixed([one(0.0, 1.0), one(4.0, 1.0)], [0.0, np.log(3.0)])
    assert both.estimate == pytest.approx(3.0)
    assert both.below(2.0) == pytest.approx(0.25 * stats.t(20).cdf(2) + 0.75 * stats.t(20).cdf(-2))
    assert both.below(both.quantile(0.3)) == pytest.approx(0.3)


def test_an_error_more_widens_the_interval() -> None:
    """Independent errors add as squares."""
    low, high = one(1.0, 3.0).widened(4.0).interval
    assert (low, high) == pytest.approx(stats.t(20, 1.0, 5.0).interval(0.95))
