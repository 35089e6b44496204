"""Endpoints in columns are the endpoints, and merging them loses none."""

from __future__ import annotations

from collections import Counter

import msgpack
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reli.counts import bucket_counts
from reli.endpoints import Endpoints, merge_tables
from reli.stats import EndpointInterval

times_ms = st.lists(st.floats(0, 3_600_000, allow_nan=False), max_size=8)
rows = st.builds(
    lambda kind, name, failures, size, times: EndpointInterval(
        kind, name, len(times), failures, size, bucket_counts(np.array(times, float))
    ),
    st.sampled_from(["GET", "POST"]),
    st.sampled_from(["/", "/pay", "/ü"]),
    st.integers(0, 2**31),
    st.integers(0, 2**52),
    times_ms,
)
tables = st.lists(rows, max_size=6)

Sums = dict[tuple[str, str], tuple[int, int, int, Counter[int]]]


def _sums(endpoints: list[EndpointInterval]) -> Sums:
    """Totals and buckets by endpoint, added one by one."""
    sums: Sums = {}
    for row in endpoints:
        key = row.request_type, row.name
        requests, failures, size, buckets = sums.get(key, (0, 0, 0, Counter()))
        own = dict(zip(row.counts[0].tolist(), row.counts[1].tolist(), strict=True))
        sums[key] = (
            requests + row.requests,
            failures + row.failures,
            size + row.response_bytes,
            buckets + Counter(own),
        )
    return sums


@given(tables)
def test_columns_hold_what_the_rows_held(table: list[EndpointInterval]) -> None:
    """Also after they went over Locust's wire."""
    sent = msgpack.dumps(Endpoints.of(table).to_wire(), use_bin_type=True)
    arrived = Endpoints.from_wire(msgpack.loads(sent))
    assert len(arrived) == len(table)
    for row, column in zip(table, arrived, strict=True):
        assert _sums([row]) == _sums([column])


@given(st.lists(tables, max_size=5))
def test_merging_adds_endpoint_by_endpoint(parts: list[list[EndpointInterval]]) -> None:
    """Each endpoint is there once, with the sum of whatever any table says of it."""
    merged = list(merge_tables([Endpoints.of(part) for part in parts]))
    everything = [row for part in parts for row in part]
    assert _sums(merged) == _sums(everything)
    assert len(merged) == len({(row.request_type, row.name) for row in everything})
    assert all(list(row.counts[0]) == sorted(set(row.counts[0])) for row in merged)


@given(tables)
def test_renaming_moves_what_is_counted(table: list[EndpointInterval]) -> None:
    """Endpoints that share a name afterwards are one once they are merged."""
    renamed = Endpoints.of(table).renamed(lambda _key: ("(other)", ""))
    assert renamed.requests_of("(other)") == sum(row.requests for row in table)
    assert renamed.requests_of("/") == 0
    assert len(list(merge_tables([renamed]))) == min(len(table), 1)
