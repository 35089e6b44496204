"""A budget on a window that no stage of the profile lies in is refused before the load."""

from __future__ import annotations

import pytest

from reli.measurable import check_budget
from reli_analysis.errors import BudgetError

WINDOWS = {"warm-up", "steady"}


@pytest.mark.parametrize(
    "text", ["p95 < 1s in fault", "recovery < 30s", "max rss < 1GiB in recovery"]
)
def test_a_window_that_never_comes_is_refused(text: str) -> None:
    """With the budget, the window, and what to write."""
    with pytest.raises(BudgetError, match=r"no stage of this run lies in the window (\w+); write"):
        check_budget(text, (), WINDOWS)


@pytest.mark.parametrize(
    "text", ["p95 < 1s", "p95 < 1s in warm-up", "p95 < 1s in cool-down", "max rss < 1GiB in steady"]
)
def test_a_window_that_comes_is_not(text: str) -> None:
    """What follows the last stage cools down in every run."""
    check_budget(text, (), WINDOWS)


def test_a_load_without_a_plan_may_have_any_window() -> None:
    """Locust's own load is not known before it runs."""
    check_budget("p95 < 1s in fault", ())
