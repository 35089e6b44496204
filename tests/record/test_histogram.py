"""The histogram keeps three significant digits, merges exactly, and speaks HdrHistogram."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from reli_analysis.errors import RecordError
from reli_analysis.record import Histogram, hlog
from reli_analysis.record.histogram import (
    BUCKETS,
    HIGHEST_NS,
    SIGNIFICANT_DIGITS,
    bounds_ns,
    index_of,
    middle_ns,
)

values = st.integers(0, HIGHEST_NS)
counts = st.dictionaries(st.integers(0, BUCKETS - 1), st.integers(1, 2**40), max_size=40)


@given(values)
def test_a_value_lies_in_its_bucket_and_near_its_middle(value: int) -> None:
    """A bucket holds its value, and its middle is within 0.05 % (or half a nanosecond)."""
    index = index_of(value)
    lowest, highest = bounds_ns(index)
    assert lowest <= value <= highest
    assert abs(middle_ns(index) - value) <= max(0.0005 * value, 0.5)


@given(st.lists(values, min_size=1, max_size=60))
def test_buckets_are_those_of_hdrhistogram(recorded: list[int]) -> None:
    """The reference implementation puts every value into the same bucket."""
    reference = HdrHistogram(1, HIGHEST_NS, SIGNIFICANT_DIGITS)
    ours = Histogram()
    for value in recorded:
        reference.record_value(value)
        ours.record(value)
    filled = {at: n for at, n in enumerate(reference.counts[: reference.counts_len]) if n}
    assert filled == ours.counts


@given(counts)
def test_encoding_is_read_by_hdrhistogram_and_by_us(buckets: dict[int, int]) -> None:
    """What is written decodes to the same counts, here and in the reference implementation."""
    payload = hlog.encode(buckets)
    assert hlog.decode(payload).counts == buckets
    reference = HdrHistogram.decode(payload)
    assert {i: n for i, n in enumerate(reference.counts[: reference.counts_len]) if n} == buckets


@given(st.lists(st.lists(values, max_size=30), max_size=6), st.randoms())
def test_merging_is_exact_in_any_order(parts: list[list[int]], shuffle: random.Random) -> None:
    """The sum of histograms is the histogram of all values."""
    whole = Histogram()
    for value in (value for part in parts for value in part):
        whole.record(value)
    shuffle.shuffle(parts)
    merged = Histogram()
    for part in parts:
        histogram = Histogram()
        for value in part:
            histogram.record(value)
        merged.merge(histogram)
    assert merged.counts == whole.counts


def test_quantiles_agree_with_the_raw_values_within_a_thousandth() -> None:
    """Percentiles of 20,000 latencies are within 0.1 % of those of the raw values."""
    source = random.Random(7)
    raw = [int(source.lognormvariate(11.5, 0.8)) for _ in range(20_000)]
    histogram = Histogram()
    for value in raw:
        histogram.record(value)
    wanted = [0.5, 0.9, 0.95, 0.99, 0.999, 1.0]
    exact = np.quantile(raw, wanted, method="inverted_cdf") / 1e6
    assert histogram.quantiles_ms(wanted) == pytest.approx(exact, rel=0.001)
    assert histogram.mean_ms() == pytest.approx(np.mean(raw) / 1e6, rel=0.0005)


def test_an_empty_histogram_has_no_numbers() -> None:
    """Nothing measured is not 0."""
    assert Histogram().quantile_ms(0.95) is None
    assert Histogram().mean_ms() is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_tag_holds_any_endpoint(request_type: str, name: str) -> None:
    """A tag survives commas, line breaks and other scripts, and never breaks its line."""
    tag = hlog.endpoint_tag(request_type, name)
    assert not set(tag) & set(", \n\r\"'")
    assert hlog.endpoint_of(tag) == f"{request_type} {name}"
    row = hlog.parse_row(hlog.format_row(1.0, 1.0, {5: 1}, tag))
    assert row is not None
    assert row.tag == tag


@given(st.text(max_size=200))
def test_a_foreign_line_is_refused_in_one_sentence(line: str) -> None:
    """No line of an interval log ends in anything but a row, nothing, or a RecordError."""
    try:
        row = hlog.parse_row(line)
        if row is not None:
            hlog.decode(row.payload)
    except RecordError as error:
        assert "\n" not in str(error)
