"""Request logs of any length: counted exactly, in bounded memory, whatever their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from reli_analysis.errors import InputError
from reli_analysis.histogram_payloads import encode_rows
from reli_analysis.histogram_rows import decode_rows
from reli_analysis.readers import Guide, read
from reli_analysis.readers.request_log import arrow, collector, histograms
from reli_analysis.readers.request_log.histograms import buckets_of
from reli_analysis.readers.request_log.tally import Tally
from reli_analysis.record.histogram import HIGHEST_NS, index_of, middle_ns
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support.judging import ask

HEADER = "timestamp,request_type,name,response_time_ms,response_length,status_code,exception\n"
BEGIN_S = 1_795_000_000


def log(path: Path, rows: Sequence[tuple[float, str, float, str]]) -> Path:
    """A log of Locust with these moments, names, latencies and exceptions."""
    lines = [f'{t:.6f},GET,{name},{ms:.2f},9,200,"{error}"\n' for t, name, ms, error in rows]
    path.write_text(HEADER + "".join(lines))
    return path


def made(count: int, seconds: float = 100.0) -> list[tuple[float, str, float, str]]:
    source = np.random.default_rng(count)
    moments = BEGIN_S + np.sort(source.uniform(0, seconds, count))
    latencies = np.round(source.lognormal(3, 0.6, count), 2)
    names = source.choice(["/a", "/b", "/c"], count)
    errors = np.where(source.random(count) < 0.1, "Boom(1)", "")
    return list(
        zip(moments.tolist(), names.tolist(), latencies.tolist(), errors.tolist(), strict=True)
    )


def quantile(run: Run, tag: str, q: float) -> float | None:
    assert run.latency is not None
    return run.latency.counts(tag, -1e9, 1e9).quantile_ms(q)


@given(npst.arrays(np.float64, 50, elements=st.floats(0, 2 * HIGHEST_NS / 1e6)))
def test_buckets_are_those_of_the_record(latency_ms: np.ndarray) -> None:
    """Whole arrays fall where single values do."""
    expected = [index_of(round(value * 1e6)) for value in latency_ms.tolist()]
    assert buckets_of(latency_ms).tolist() == expected


@given(st.lists(st.dictionaries(st.integers(0, 33_791), st.integers(1, 1 << 40), min_size=1)))
def test_many_histograms_encode_and_decode_to_themselves(rows: list[dict[int, int]]) -> None:
    """The encoder of many rows is the inverse of the decoder of many rows."""
    triples = [(at, b, row[b]) for at, row in enumerate(rows) for b in sorted(row)]
    row, bucket, count = (np.array([t[i] for t in triples], np.int64) for i in range(3))
    decoded = decode_rows(encode_rows(row, bucket, count))
    assert decoded.unreadable == 0
    assert decoded.row.tolist() == row.tolist()
    assert decoded.bucket.tolist() == bucket.tolist()
    assert decoded.count.tolist() == count.tolist()


@given(st.lists(st.lists(st.integers(0, 1 << 50), max_size=30), max_size=20))
def test_a_tally_counts_every_key(batches: list[list[int]]) -> None:
    """However the keys come in batches."""
    tally = Tally()
    for batch in batches:
        tally.add(np.array(batch, np.int64))
    keys, counts = tally.items()
    everything = np.array([key for batch in batches for key in batch], np.int64)
    expected, times = np.unique(everything, return_counts=True)
    assert keys.tolist() == expected.tolist()
    assert counts.tolist() == times.tolist()


def test_every_request_is_counted_where_it_belongs(tmp_path: Path) -> None:
    """By interval, by endpoint and by error, and percentiles are those of all values."""
    rows = made(20_000)
    run = read(log(tmp_path / "log", rows))
    moments = np.array([row[0] for row in rows])
    seconds = np.floor(moments - moments.min()).astype(int)
    assert run.series["requests"].values.tolist() == np.bincount(seconds).tolist()
    failed = np.array([bool(row[3]) for row in rows])
    assert run.series["failures"].values.tolist() == np.bincount(seconds, failed).tolist()
    latencies = np.array([row[2] for row in rows])
    for q in (0.5, 0.95, 0.999, 1.0):
        exact = np.quantile(latencies, q, method="inverted_cdf")
        assert quantile(run, "", q) == middle_ns(index_of(round(exact * 1e6))) / 1e6
    of_a = latencies[[row[1] == "/a" for row in rows]]
    exact = np.quantile(of_a, 0.95, method="inverted_cdf")
    assert quantile(run, "r:GET%20/a", 0.95) == middle_ns(index_of(round(exact * 1e6))) / 1e6
    tenth = latencies[seconds == 10]
    exact = np.quantile(tenth, 0.9, method="inverted_cdf")
    assert run.series["p90_ms"].values[10] == middle_ns(index_of(round(exact * 1e6))) / 1e6
    assert run.series["mean_ms"].values[10] == pytest.approx(tenth.mean(), rel=1e-3)
    assert {f.endpoint: f.count for f in run.failures}["GET /a"] == int(
        failed[[row[1] == "/a" for row in rows]].sum()
    )


def test_order_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that come late, in a log larger than what is held, count in their interval."""
    monkeypatch.setattr(histograms, "_HELD", 500)
    monkeypatch.setattr(arrow, "_BLOCK_BYTES", 16_384)
    rows = made(3000)
    in_order = read(log(tmp_path / "in_order", rows))
    half = len(rows) // 2
    for name, mixed in (("halves", rows[half:] + rows[:half]), ("back", rows[::-1])):
        run = read(log(tmp_path / name, mixed))
        assert run.series["requests"].values.sum() == 3000
        assert quantile(run, "", 0.95) == quantile(in_order, "", 0.95)
        shift = len(run.series["p95_ms"]) - len(in_order.series["p95_ms"])
        assert abs(shift) <= 10
    shuffled = [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]
    shuffled = [rows[0], *[row for row in shuffled if row is not rows[0]]]
    run = read(log(tmp_path / "shuffled", shuffled))
    known = np.isfinite(in_order.series["p95_ms"].values)
    assert run.series["p95_ms"].values[known].tolist() == pytest.approx(
        in_order.series["p95_ms"].values[known].tolist()
    )


def test_a_log_in_no_order_at_all_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than to take memory without bound."""
    monkeypatch.setattr(histograms, "_HELD", 10)
    monkeypatch.setattr(histograms, "MOST_ROWS", 1000)
    monkeypatch.setattr(arrow, "_BLOCK_BYTES", 4096)
    rows = made(3000)
    rows = [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]
    with pytest.raises(InputError, match="sort it by its time first"):
        read(log(tmp_path / "log", rows))


def test_names_without_end_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request still counts, and a note says how many have no name of their own."""
    monkeypatch.setattr(collector, "MOST_ENDPOINTS", 20)
    rows = [(BEGIN_S + at / 10, f"/item/{at}", 20.0, "") for at in range(300)]
    run = read(log(tmp_path / "log", rows))
    assert len(run.endpoints) == 21
    assert run.endpoints[" (other)"].requests.sum() == 280
    assert any("280 requests have names past" in note for note in run.notes)


def test_a_few_broken_rows_are_told_and_many_are_refused(tmp_path: Path) -> None:
    """Times that cannot be, latencies that are none, rows with too few fields."""
    rows = made(400)
    text = log(tmp_path / "log", rows).read_text()
    broken = (
        "soon,GET,/a,1,9,200,\n1,GET,/a,1,9,200,\n9e99,GET,/a,1,9,200,\ninf,GET,/a,1,9,200,\n"
        f"{BEGIN_S}.5,GET,/a,-5,9,200,\n{BEGIN_S}.5,GET,/a,nan,9,200,\n{BEGIN_S}.5,GET\n"
    )
    path = tmp_path / "broken"
    path.write_text(text + broken)
    run = read(path)
    assert run.series["requests"].values.sum() == 402
    told = " ".join(damage.message for damage in run.damage)
    assert "4 rows without a time that could be" in told
    assert "2 requests have no latency" in told
    assert "1 rows with the wrong number of fields" in told
    path.write_text(text + broken * 20)
    with pytest.raises(InputError, match="of 540 rows are of no use"):
        read(path)


def test_latencies_that_are_missing_are_told_of_the_file_that_was_read(tmp_path: Path) -> None:
    """More than one in twenty leave the percentile open, and no other file is spoken of."""
    rows = [(BEGIN_S + at / 10, "/a", -1.0 if at % 10 else 20.0, "") for at in range(300)]
    finding = ask(read(log(tmp_path / "log", rows)), "p95 < 250ms")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "only 30 of the 300 requests of the steady window have a latency" in finding.message


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    """Cut anywhere, the rows before it count."""
    whole = log(tmp_path / "log", made(50)).read_bytes()
    path = tmp_path / "torn"
    for cut in range(1, 40):
        path.write_bytes(whole[:-cut])
        assert read(path).series["requests"].values.sum() in {49, 50}


def test_progress_is_told(tmp_path: Path) -> None:
    """Bytes read of bytes there are, up to the end."""
    path = log(tmp_path / "log", made(500))
    told: list[tuple[int, int]] = []
    read(path, Guide(progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (path.stat().st_size,) * 2


def test_long_logs_have_longer_intervals(tmp_path: Path) -> None:
    """Ten days of a row a minute are not a million rows of one request."""
    rows = [(BEGIN_S + 60 * at, "/a", 20.0, "") for at in range(14_400)]
    run = read(log(tmp_path / "log", rows))
    assert run.interval_s == 10.0
    assert run.series["requests"].values.sum() == 14_400
