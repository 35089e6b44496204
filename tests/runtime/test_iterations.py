"""What is measured of iterations adds up, over intervals and over processes."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.iterations import IterationInterval, IterationStats, merge_iterations
from reli_analysis.record import Histogram

delays = st.lists(st.floats(0, 5000), max_size=20)


def _interval(delays_ms: list[float], service_ms: float = 2.0, **levels: Any) -> IterationInterval:
    stats = IterationStats(0.0)
    stats.arrivals = len(delays_ms)
    for delay_ms in delays_ms:
        stats.delays_ms.append(delay_ms)
        stats.services_ms.append(service_ms)
    return stats.close(1.0, waiting=levels.get("waiting", 0), oldest_age_s=levels.get("age_s", 0.0))


def _quantile(counts: Any, quantile: float) -> float | None:
    histogram = Histogram()
    histogram.add(counts[0].tolist(), counts[1].tolist())
    return histogram.quantiles_ms([quantile])[0]


@given(st.lists(delays, min_size=1, max_size=4))
def test_processes_add_up_to_one_over_the_wire(processes: list[list[float]]) -> None:
    """Merging what several processes sent equals what one would have measured, to the bucket."""
    parts = []
    for measured in processes:
        packed = msgpack.packb(_interval(measured).to_wire())
        parts.append([IterationInterval.from_wire(msgpack.unpackb(packed))])
    merged = merge_iterations(parts)
    alone = _interval([delay for measured in processes for delay in measured])
    assert merged is not None
    assert (merged.arrivals, merged.finished) == (alone.arrivals, alone.finished)
    for name in ("delays", "services", "responses"):
        for got, expected in zip(getattr(merged, name), getattr(alone, name), strict=True):
            assert got.tolist() == expected.tolist()


def test_response_time_is_delay_and_service_together() -> None:
    """Each iteration's own two parts are added, not two percentiles."""
    interval = _interval([0.0, 1000.0, 0.0], service_ms=10.0)
    assert _quantile(interval.responses, 0.5) == pytest.approx(10, rel=1e-3)
    assert _quantile(interval.responses, 1.0) == pytest.approx(1010, rel=1e-3)
    assert _quantile(interval.services, 1.0) == pytest.approx(10, rel=1e-3)


def test_a_process_that_reported_twice_has_its_last_levels() -> None:
    """Counts of a late report add up; how many wait is what was said last."""
    first, last = _interval([1.0], waiting=7, age_s=3.0), _interval([1.0], waiting=2, age_s=1.0)
    merged = merge_iterations([[first, last], [_interval([], waiting=1)]])
    assert merged is not None
    assert (merged.arrivals, merged.waiting, merged.oldest_age_s) == (2, 3, 1.0)


def test_busy_users_are_the_mean_over_the_interval() -> None:
    """Two users for a quarter and one for another quarter of the time are 0.75 users."""
    stats = IterationStats(10.0)
    stats.busy(10.0, +1)
    stats.busy(10.25, +1)
    stats.busy(10.5, -1)
    stats.busy(10.5, -1)
    assert stats.close(11.0, waiting=0, oldest_age_s=0).busy_users == pytest.approx(0.75)
    stats.busy(11.5, +1)
    closed = stats.close(12.0, waiting=0, oldest_age_s=0)
    assert closed.busy_users == pytest.approx(0.5)
    assert closed.running == 1
    assert stats.close(13.0, waiting=0, oldest_age_s=0).busy_users == pytest.approx(1.0)


def test_the_closed_model_has_none() -> None:
    """Where nobody reports iterations, their columns stay empty."""
    assert merge_iterations([[], []]) is None
