"""How far findings are from their limits."""

from __future__ import annotations

import math
from typing import Any

import pytest

from reli_analysis.drawn.margins import margin
from reli_analysis.intervals import interval_of
from reli_analysis.verdict import Finding, Verdict


def _finding(observed: float | None, limit: float | None, **evidence: Any) -> Finding:
    return Finding("f", "budget", "s", Verdict.PASS, "m", observed, limit, "ms", evidence)


@pytest.mark.parametrize(
    ("budget", "observed", "limit", "distance"),
    [
        ("p95 < 100ms", 75.0, 100.0, -0.25),
        ("p95 < 100ms", 150.0, 100.0, 0.5),
        ("throughput > 50/s", 200.0, 50.0, -3.0),
        ("throughput > 50/s", 40.0, 50.0, 0.2),
        ("no leak in rss", 4.0, 2.0, 1.0),
    ],
)
def test_the_margin_is_in_parts_of_the_limit(
    budget: str, observed: float, limit: float, distance: float
) -> None:
    """Negative is room to spare, whichever side of the limit is the right one."""
    found = margin(_finding(observed, limit, budget=budget), {})
    assert found is not None
    assert found.observed == pytest.approx(distance)
    assert found.ratio == observed / limit


@pytest.mark.parametrize(
    ("observed", "distance", "ratio"), [(1.0, -1.0, 0.0), (0.9995, -0.5, 0.5), (0.997, 2.0, 3.0)]
)
def test_an_availability_is_judged_by_what_may_be_missing(
    observed: float, distance: float, ratio: float
) -> None:
    """99.7 % is three times the failures that 99.9 % allows, not 0.2 % off."""
    found = margin(
        Finding("f", "budget", "s", Verdict.PASS, "m", observed, 0.999, "ratio",
                {"budget": "availability > 99.9%"}), {},
    )  # fmt: skip
    assert found is not None
    assert found.observed == pytest.approx(distance)
    assert found.ratio == pytest.approx(ratio)


@pytest.mark.parametrize("limit", [25.0, 50.0])
def test_of_two_levels_the_second_decides(limit: float) -> None:
    """The first is a weaker line; which of them the finding names does not matter."""
    found = margin(_finding(32.0, limit, budget="p95 < 25ms, critical 50ms"), {})
    assert found is not None
    assert found.observed == pytest.approx(-0.36)
    assert found.first == pytest.approx(-0.5)


def test_the_interval_turns_with_the_side() -> None:
    """Its low end is the one further from the limit; an end without a bound is endless."""
    less = margin(_finding(75.0, 100.0, budget="p95 < 100ms", interval=[50.0, 110.0]), {})
    assert less is not None
    assert (less.low, less.high) == pytest.approx((-0.5, 0.1))
    more = margin(_finding(80.0, 50.0, budget="throughput > 50/s", interval=[45.0, None]), {})
    assert more is not None
    assert more.low == -math.inf
    assert more.high == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("observed", "limit"), [(None, 1.0), (1.0, None), (1.0, 0.0), (math.nan, 1.0), (1.0, math.inf)]
)
def test_without_two_numbers_there_is_no_margin(
    observed: float | None, limit: float | None
) -> None:
    """Nor of a limit of 0, which has no parts."""
    assert margin(_finding(observed, limit), {}) is None


@pytest.mark.parametrize(
    "ends", [None, "1 to 2", [1.0], [1.0, 2.0, 3.0], [None, None], ["a", 2.0], [math.nan, 2.0]]
)
def test_what_is_no_interval_is_none(ends: Any) -> None:
    """Evidence of another shape is not drawn."""
    assert interval_of(_finding(1.0, 2.0, interval=ends)) is None
