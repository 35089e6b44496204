"""The growth that matters, as a budget says it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli_analysis.budgets import parse
from reli_analysis.budgets.leaks.rates import read_rate
from reli_analysis.errors import BudgetError
from support.synthetic import MIB


@pytest.mark.parametrize(
    ("text", "per_h", "unit"),
    [
        ("no leak in rss above 2MiB/h", 2 * MIB, "bytes"),
        ("no leak in rss, uss above 2 MiB/h", 2 * MIB, "bytes"),
        ("no leak in rss above 48MiB/d", 2 * MIB, "bytes"),
        ("NO LEAK IN rss ABOVE 1MB/min", 60e6, "bytes"),
        ("no leak in fds above 5/h", 5.0, "count"),
        ("no leak in rss, fds above 0.5%/h", 0.005, "ratio"),
        ("no leak in fds_ratio above 24%/d", 0.01, "ratio"),
        ('no leak in "my heap" above 5kB/h', 5000.0, "bytes"),
        ("no leak in p95_ms above 1.5ms/h", 1.5, "ms"),
    ],
)
def test_the_growth_that_matters(text: str, per_h: float, unit: str) -> None:
    """A rate in the metric's unit, or a share of its level, by any unit of time."""
    budget = parse(text)
    assert budget.above_per_h == pytest.approx(per_h)
    assert budget.unit == unit
    assert budget.uptime_s is None


def test_the_time_to_last() -> None:
    """A required uptime instead of a rate; names alone leave both open."""
    budget = parse("no leak in rss, fds for 30d")
    assert (budget.metrics, budget.uptime_s) == (("rss_bytes", "fds"), 30 * 86400.0)
    bare = parse("no leak in fds")
    assert (bare.above_per_h, bare.uptime_s) == (None, None)
    assert parse('no leak in "above", "for"').metrics == ("above", "for")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("no leak in rss above 2MiB", "a rate of growth is expected; write for example 2MiB/h"),
        ("no leak in rss above 2/h", "a size needs a unit: write 2MiB"),
        ("no leak in fds above 2MiB/h", "expected a plain number"),
        ("no leak in rss above 2MiB/fortnight", '"fortnight" is no unit of time'),
        ("no leak in rss above 0MiB/h", "more than 0"),
        ("no leak in rss above -1MiB/h", "more than 0"),
        ("no leak in rss above", "a rate of growth is expected"),
        ("no leak in rss above /h", "a rate of growth is expected"),
        ("no leak in rss, fds above 2MiB/h", "rss_bytes and fds differ in their units"),
        ("no leak in rss above 2MiB/h for 3d", "nothing follows"),
        ("no leak in rss above 2MiB/h, fds", "nothing follows"),
        ("no leak in rss for 0d", "needs a length"),
        ("no leak in rss for ever", "is not a duration"),
        ("no leak in above 2MiB/h", "expected a comma between names"),
    ],
)
def test_what_is_wrong_is_said(text: str, hint: str) -> None:
    """One sentence that says what would be right."""
    with pytest.raises(BudgetError) as caught:
        parse(text)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=20))
def test_any_text_is_a_rate_or_a_sentence(text: str) -> None:
    """No text makes a traceback, and no rate is 0, negative or infinite."""
    try:
        budget = parse(f"no leak in fds above {text}")
    except BudgetError as error:
        assert str(error)
        return
    assert budget.above_per_h is None or 0 < budget.above_per_h < float("inf")


def test_a_rate_is_read_in_the_unit_of_every_column() -> None:
    """Columns of one unit share a rate; a column of an unknown unit takes any."""
    assert read_rate("3/h", {"a": "count", "b": "count"}) == (3.0, "count")
    assert read_rate("3MiB/h", {"heap": None}) == (3 * MIB, "bytes")
