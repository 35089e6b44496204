"""The interval log, decoded with numpy, against three other ways to the same numbers."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from reli_analysis.budgets.sliding import window_starts
from reli_analysis.histogram_rows import decode_rows
from reli_analysis.latency import ALL_REQUESTS, LatencyCounts, LatencyLog, middles_ms
from reli_analysis.latency_rows import TagRows
from reli_analysis.readers.interval_log import read_interval_log
from reli_analysis.record import Histogram
from reli_analysis.record.histogram import BUCKETS, HIGHEST_NS, middle_ns
from reli_analysis.record.hlog import decode, encode, endpoint_tag
from support import synthetic

COUNTS = st.dictionaries(
    st.integers(0, BUCKETS - 1), st.integers(1, 2**40), min_size=0, max_size=30
)


def _log(rows: list[tuple[float, dict[int, int]]], tag: str = ALL_REQUESTS) -> LatencyLog:
    starts = np.array([start for start, _counts in rows])
    payloads = [encode(counts) for _start, counts in rows]
    return LatencyLog({tag: TagRows(starts, np.ones(len(rows)), payloads)})


def _payload(body: bytes) -> str:
    """A well-formed payload around any body."""
    head = struct.pack(">IIIIQQd", 0x1C849313, len(body), 0, 3, 1, HIGHEST_NS, 1.0)
    packed = zlib.compress(head + body)
    return base64.b64encode(struct.pack(">II", 0x1C849314, len(packed)) + packed).decode()


def test_the_middles_are_those_of_the_record() -> None:
    """Every bucket is reported as the recorder reports it."""
    assert middles_ms().tolist() == [middle_ns(index) / 1e6 for index in range(BUCKETS)]


@given(st.lists(COUNTS, max_size=8))
def test_decoding_many_rows_equals_decoding_each(rows: list[dict[int, int]]) -> None:
    """One pass over all varints finds the same counts as the standard library's codec."""
    payloads = [encode(counts) for counts in rows]
    decoded = decode_rows(payloads)
    assert decoded.unreadable == 0
    for position, payload in enumerate(payloads):
        mine = decoded.row == position
        found = dict(zip(decoded.bucket[mine].tolist(), decoded.count[mine].tolist(), strict=True))
        assert found == decode(payload).counts == rows[position]


@given(st.lists(st.integers(1, HIGHEST_NS), min_size=1, max_size=300), st.floats(0.001, 1.0))
def test_quantiles_equal_those_of_the_record_and_of_hdrhistogram(
    values: list[int], quantile: float
) -> None:
    """Rank and bucket middle are the recorder's, and HdrHistogram finds the same bucket."""
    ours, theirs = Histogram(), HdrHistogram(1, HIGHEST_NS, 3)
    for value in values:
        ours.record(value)
        theirs.record_value(value)
    counts = _log([(0.0, ours.counts)]).counts(ALL_REQUESTS, 0, 1)
    found = counts.quantile_ms(quantile)
    assert found == ours.quantile_ms(quantile)
    assert counts.mean_ms() == pytest.approx(ours.mean_ms())
    assert counts.total == len(values)
    assert found is not None
    # HdrHistogram rounds percentage times total to a rank, so it is asked a little below the rank.
    rank = max(1, int(np.ceil(quantile * len(values) - 1e-9)))
    highest_ms = theirs.get_value_at_percentile(100 * (rank - 0.25) / len(values)) / 1e6
    assert found == pytest.approx(highest_ms, rel=0.0006)


def test_quantiles_are_within_a_thousandth_of_the_raw_values(tmp_path: Path) -> None:
    """A record's percentiles over any window are those of its raw latencies within 0.1 %."""
    written = synthetic.write(tmp_path / "run", synthetic.Script(steady_s=40))
    log, damage = read_interval_log(written.path / "latency.hlog")
    assert not damage
    for start, end in ((0, 50), (5, 45), (17, 19)):
        raw = written.between(start, end)
        counts = log.counts(ALL_REQUESTS, start, end)
        assert counts.total == len(raw)
        for quantile in (0.5, 0.9, 0.95, 0.99, 0.999, 1.0):
            exact = float(np.quantile(raw, quantile, method="inverted_cdf"))
            assert counts.quantile_ms(quantile) == pytest.approx(exact, rel=0.001)
        assert counts.mean_ms() == pytest.approx(raw.mean(), rel=0.001)
        limit_ms = float(np.median(raw)) + 0.01
        assert counts.fraction_below(limit_ms) == pytest.approx((raw < limit_ms).mean(), abs=0.01)


def test_endpoints_have_rows_of_their_own(tmp_path: Path) -> None:
    """Tags name endpoints, percent signs and commas in names included; together they are all."""
    odd = ("GET", "/a,b?id=100%")
    script = synthetic.Script(steady_s=20, endpoints=(odd, ("POST", "/b")))
    written = synthetic.write(tmp_path / "run", script)
    log, _damage = read_interval_log(written.path / "latency.hlog")
    endpoints = log.endpoints()
    assert set(endpoints) == {"GET /a,b?id=100%", "POST /b"}
    assert endpoints["GET /a,b?id=100%"] == endpoint_tag(*odd)
    everything = log.counts(ALL_REQUESTS, 0, 100)
    merged = log.merged(tuple(endpoints.values()), ((0.0, 100.0),))
    assert merged.indexes.tolist() == everything.indexes.tolist()
    assert merged.counts.tolist() == everything.counts.tolist()
    assert log.service_tag() == ALL_REQUESTS
    assert log.row_length_s([odd[1], endpoint_tag(*odd)]) == 10.0


def test_rows_are_chosen_by_their_start() -> None:
    """A row belongs to the window in which it begins, a millisecond of rounding forgiven."""
    log = _log([(0.0, {100: 1}), (1.0, {100: 2}), (2.0, {100: 4})])
    assert log.counts(ALL_REQUESTS, 0, 1).total == 1
    assert log.counts(ALL_REQUESTS, 1.0004, 2.0004).total == 2
    assert log.merged((ALL_REQUESTS,), ((0.0, 1.0), (2.0, 3.0))).total == 5
    assert log.counts(ALL_REQUESTS, 7, 9).quantile_ms(0.5) is None
    assert log.counts("r:unknown", 0, 9).mean_ms() is None
    assert log.counts("r:unknown", 0, 9).fraction_below(1) is None


def test_a_limit_counts_below_or_at() -> None:
    """``below`` leaves out a value at the limit, ``or_equal`` takes it in."""
    counts = LatencyCounts(np.array([10, 20, 30]), np.array([1, 2, 3]))
    assert counts.count_below(20 / 1e6) == 1
    assert counts.count_below(20 / 1e6, or_equal=True) == 3


def test_broken_rows_are_left_out_and_counted() -> None:
    """A payload that cannot be decoded spoils no other row."""
    good = encode({5: 1, 900: 2})
    rows = [good, "AAAA", good[:-8] + "AAAAAAA=", "not base64!", good]
    log = LatencyLog({ALL_REQUESTS: TagRows(np.arange(5.0), np.ones(5), rows)})
    counts = log.counts(ALL_REQUESTS, 0, 5)
    assert counts.unreadable_rows == 3
    assert dict(zip(counts.indexes.tolist(), counts.counts.tolist(), strict=True)) == {5: 2, 900: 4}


@pytest.mark.parametrize(
    "body",
    [
        b"\x82",  # a number that goes on, but where?
        b"\x02" * 40_000,  # more buckets than there are
        (b"\xff" * 8 + b"\x7f") * 3 + b"\x02",  # three times 2^62 empty buckets
        b"\xfe" + b"\xff" * 7 + b"\x7f",  # 2^62 values in one bucket
        b"\x80" * 9 + b"\x02",  # ten bytes for one number
    ],
)
def test_numbers_that_cannot_be_spoil_only_their_row(body: bytes) -> None:
    """Whatever the varints of one row say, its neighbours are read as they are."""
    good = encode({5: 1, 900: 2})
    decoded = decode_rows([good, _payload(body), _payload(b""), good])
    assert decoded.unreadable == 1
    assert decoded.row.tolist() == [0, 0, 3, 3]
    assert decoded.bucket.tolist() == [5, 900] * 2
    assert decoded.count.tolist() == [1, 2] * 2


@pytest.mark.parametrize("over_s", [1.0, 7.0, 30.0])
def test_sliding_quantiles_equal_those_of_each_window(tmp_path: Path, over_s: float) -> None:
    """Every window's percentile is that of its own merged histogram."""
    script = synthetic.Script(steady_s=600, missing=frozenset({100, 101, 350}))
    written = synthetic.write(tmp_path / "run", script)
    log, _damage = read_interval_log(written.path / "latency.hlog")
    spans = ((5.0, 300.0), (320.0, 605.0))
    begins = window_starts(spans, over_s, 1.0)
    windows = log.sliding_quantiles((ALL_REQUESTS,), 0.95, begins, over_s)
    assert len(windows.start_s) == sum(round(end - start - over_s) + 1 for start, end in spans)
    for start, value, total in list(zip(*windows, strict=True))[::13]:
        counts = log.counts(ALL_REQUESTS, start, start + over_s)
        assert total == counts.total
        if total:
            assert value == counts.quantile_ms(0.95)
        else:
            assert np.isnan(value)


def test_sliding_windows_without_rows_are_empty() -> None:
    """A stretch in which nothing was answered is seen as one, not skipped."""
    log = _log([(0.0, {100: 1}), (9.0, {100: 1})])
    windows = log.sliding_quantiles((ALL_REQUESTS,), 0.5, np.arange(9.0), 2.0)
    assert windows.totals.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]
    none = log.sliding_quantiles((ALL_REQUESTS,), 0.5, np.empty(0), 2.0)
    assert len(none.start_s) == 0


def test_a_damaged_log_reads_what_is_left(tmp_path: Path) -> None:
    """A torn last line and foreign lines are told; the order of rows does not matter."""
    written = synthetic.write(tmp_path / "run", synthetic.Script(steady_s=20))
    path = written.path / "latency.hlog"
    lines = path.read_bytes().splitlines(keepends=True)
    header, rows = lines[:5], lines[5:]
    torn = rows[-1][:-7]
    broken = [*header, *reversed(rows[:-1]), b"nonsense\n", b"\xff\xfe\n", b"nan,1,1,AAAA\n", torn]
    path.write_bytes(b"".join(broken))
    log, damage = read_interval_log(path)
    assert log.counts(ALL_REQUESTS, 0, 100).total > 0.9 * len(written.between(0, 100))
    messages = " ".join(entry.message for entry in damage)
    assert "the last line was cut off" in messages
    assert "is not a row of an interval log (and 1 more)" in messages
    assert "has no time" in messages
