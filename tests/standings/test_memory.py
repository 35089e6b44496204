"""Counts that windows add and take away stay exact, and nothing grows with the run."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from reli.standings import Standings
from reli.standings.buckets import Buckets
from reli_analysis.record import Histogram
from reli_analysis.record.histogram import BUCKETS
from support.recorded import endpoint, run_info, usual

counts = st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 1000), max_size=20)


@given(st.lists(counts, max_size=6), st.integers(0, 6), st.floats(0.001, 1.0))
def test_buckets_are_a_histogram_of_what_is_in_them(
    pieces: list[dict[int, int]], taken: int, quantile: float
) -> None:
    """After adding and taking away, quantiles are those of what is left."""
    buckets, left = Buckets(), Histogram()
    for piece in pieces:
        buckets.add(piece.items())
    for piece in pieces[:taken]:
        buckets.remove(piece.items())
    for piece in pieces[taken:]:
        left.add(piece.keys(), piece.values())
    assert buckets.total == left.total
    assert buckets.quantile_ms(quantile) == left.quantile_ms(quantile)


def test_memory_stays_what_a_window_needs() -> None:
    """A thousand intervals more take no more memory."""
    budgets = (
        *("p95 < 1s", "p99 < 1s over 30s", "mean < 1s", "max_latency < 1s", "error_ratio < 1%"),
        *("error_ratio < 1% over 1m", "throughput > 1/s over 10s", "max rss < 1GiB", "rss < 1GiB"),
        *("growth rss < 1GiB", "rss < 1GiB over 30s", "last rss < 1GiB", "min users > 1"),
        *('p95 of "/*" < 1s over 1m', 'error_ratio of "/a" < 1%', 'throughput of "/a" > 1/s'),
    )
    standings = Standings(run_info(budgets=budgets))
    latencies = [[1.0 + (at * step) % 37 / 10 for step in range(1, 20)] for at in range(50)]
    used = []
    tracemalloc.start()
    for index in range(3101):
        row = usual(index, endpoints=(endpoint("/a", latencies[index % 50]),))
        histogram = Histogram(row.endpoints[0].counts)
        columns = {"requests": 19, "failures": 0, "rss_bytes": 1e8, "users": 3}
        standings.take(row, histogram, columns)
        if index in {2100, 3100}:
            used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # By then growth has all samples that it keeps, and the interpreter's free lists are full.
    before, after = used
    assert after - before < 30_000
