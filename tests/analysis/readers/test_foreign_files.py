"""The files of other tools, as these wrote them: recognised by content, and read for what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from reli_analysis.errors import InputError
from reli_analysis.readers import READERS, read
from reli_analysis.series import Run

DATA = Path(__file__).with_name("data")
SAMPLES = {
    "locust_stats_history.csv": "locust history",
    "locust_full_stats_history.csv": "locust history",
    "locust_stats.csv": "locust stats",
    "locust_failures.csv": "locust failures",
    "locust_requests.csv": "locust request log",
    "k6.csv": "k6 csv",
    "jmeter.csv": "jmeter csv",
    "jmeter.xml": "jmeter xml",
    "vegeta.csv": "vegeta csv",
    "vegeta.json": "vegeta json",
    "other_tool.hlog": "hdr log",
    "psrecord.log": "psrecord",
    "psrecord.csv": "psrecord",
    "procpath.sqlite": "procpath sqlite",
    "procpath.csv": "procpath csv",
    "prometheus.json": "prometheus json",
    "prometheus.csv": "prometheus csv",
}


def sample(name: str) -> Run:
    return read(DATA / name)


@pytest.mark.parametrize(("name", "reader"), SAMPLES.items())
def test_one_reader_recognises_each_file_by_its_content(
    tmp_path: Path, name: str, reader: str
) -> None:
    """Whatever its name is, exactly one reader takes it, and its notes say what was inferred."""
    path = tmp_path / "anything.txt"
    shutil.copy(DATA / name, path)
    head = path.read_bytes()
    assert [known for known in READERS if READERS.get(known).recognises(path, head)] == [reader]
    assert all(read(path).notes)


@pytest.mark.parametrize(("name", "requests"), [("locust_requests.csv", 460), ("k6.csv", 57)])
def test_a_request_log_tells_everything(name: str, requests: int) -> None:
    """Requests, failures, endpoints and exact percentiles, in the columns of a record."""
    run = sample(name)
    assert run.series["requests"].values.sum() == requests
    assert run.latency is not None
    unanswered = 0 if name.startswith("locust") else 16
    assert run.latency.counts("", -1e9, 1e9).total == requests - unanswered
    of_endpoints = sum(endpoint.requests.sum() for endpoint in run.endpoints.values())
    assert of_endpoints == requests
    failures = run.series["failures"].values.sum()
    assert failures == sum(failure.count for failure in run.failures) > 0
    assert failures == sum(endpoint.failures.sum() for endpoint in run.endpoints.values())


def test_k6_requests_without_an_answer_have_no_latency() -> None:
    """k6 writes 0 ms for a refused connection, which would make every percentile better."""
    run = sample("k6.csv")
    assert run.latency is not None
    lowest = run.latency.counts("", -1e9, 1e9).quantile_ms(1e-9)
    assert lowest is not None
    assert lowest > 1
    assert any("have no latency" in damage.message for damage in run.damage)
    assert any(failure.text == "dial: connection refused" for failure in run.failures)


def test_k6_iterations_that_could_not_begin_are_failures(tmp_path: Path) -> None:
    """A generator that dropped a quarter of its arrivals does not look good for it."""
    rows = ["metric_name,timestamp,metric_value,error,expected_response,method,name,status"]
    for second in range(60):
        rows += [f"http_req_duration,{1_795_000_000 + second},20,,true,GET,/x,200"] * 3
        rows.append(f"dropped_iterations,{1_795_000_000 + second},1,,,,,")
    path = tmp_path / "k6.csv"
    path.write_text("\n".join(rows) + "\n")
    run = read(path)
    assert run.series["dropped"].values.sum() == 60
    assert run.series["requests"].values.sum() == 240
    assert run.series["failures"].values.sum() == 60
    assert run.latency is not None
    assert run.latency.counts("", -1e9, 1e9).total == 180


def test_jmeters_transactions_do_not_count_twice() -> None:
    """A transaction controller's sample contains others: it is an endpoint, and no request more."""
    run = sample("jmeter.csv")
    assert run.series["requests"].values.sum() == 270
    assert run.endpoints["sample visit"].requests.sum() == 30
    assert run.series["users"].values.max() == 3


@pytest.mark.parametrize("form", ["%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S"])
def test_jmeter_may_write_dates(tmp_path: Path, form: str) -> None:
    """As its settings say; a date without a zone is told."""
    import datetime as dt

    begin = dt.datetime(2026, 3, 31, 23, 59, 50, tzinfo=dt.UTC)
    rows = [f"{begin + dt.timedelta(seconds=s):{form}},20,x,200,OK,true" for s in range(20)]
    path = tmp_path / "jtl"
    path.write_text(
        "timeStamp,elapsed,label,responseCode,responseMessage,success\n" + "\n".join(rows) + "\n"
    )
    run = read(path)
    assert run.series["requests"].values.tolist() == [1.0] * 20
    assert any("zone of time is not told" in note for note in run.notes)


def test_vegetas_two_encodings_say_the_same() -> None:
    """Nanoseconds as CSV and dates as JSON; queries are no part of an endpoint."""
    csv, json = sample("vegeta.csv"), sample("vegeta.json")
    assert list(csv.endpoints) == list(json.endpoints) == ["POST /order", "GET /item"]
    for name in ("requests", "failures", "p95_ms"):
        assert csv.series[name].values.tolist() == json.series[name].values.tolist()
    assert csv.failures == json.failures
    assert csv.failures[0].text == "503 Service Unavailable"


def test_an_interval_log_of_another_tool_is_read_in_its_unit() -> None:
    """Its maxima, printed in milliseconds, tell that its values are microseconds."""
    run = sample("other_tool.hlog")
    assert run.latency is not None
    median = run.latency.counts("", -1e9, 1e9).quantile_ms(0.5)
    assert median == pytest.approx(20.2, abs=0.2)
    assert any("microseconds" in note for note in run.notes)
    assert run.series["requests"].values.tolist() == [100.0] * 11


@pytest.mark.parametrize(
    ("per_ms", "digits"), [(1_000_000, 3), (1000, 2), (1000, 4), (1, 3)], ids=str
)
def test_any_precision_and_unit_of_an_interval_log(
    tmp_path: Path, per_ms: int, digits: int
) -> None:
    """Tags become endpoints; without rows of all, all are their sum; empty rows stay rows."""
    from hdrh.histogram import HdrHistogram

    rows = ["#[Histogram log format version 1.3]"]
    for second in range(6):
        for tag, latency_ms in (("read", 20), ("write", 200)):
            histogram = HdrHistogram(1, 3_600_000 * per_ms, digits)
            for _ in range(10 if second != 3 else 0):
                histogram.record_value(latency_ms * per_ms)
            payload = histogram.encode().decode()
            highest = latency_ms if second != 3 else 0
            rows.append(f"Tag={tag},{second}.0,1.0,{highest:.3f},{payload}")
    path = tmp_path / "log"
    path.write_text("\n".join(rows) + "\n")
    run = read(path)
    assert run.latency is not None
    assert list(run.latency.endpoints()) == ["tag read", "tag write"]
    whole = run.latency.counts("", -1, 99)
    assert whole.total == 100
    tolerance = max(10.0**-digits, 1e-3)
    assert whole.quantile_ms(0.5) == pytest.approx(20, rel=tolerance)
    assert whole.quantile_ms(0.95) == pytest.approx(200, rel=tolerance)
    assert run.series["requests"].values.sum() == 100
    assert (run.series["requests"].values == 0).any()


def test_samples_of_processes_are_in_our_units() -> None:
    """Percent and mebibytes of psrecord, pages and clock ticks of procpath."""
    psrecord, procpath = sample("psrecord.log"), sample("procpath.sqlite")
    assert psrecord.series["rss_bytes"].values[0] == pytest.approx(20.418 * 2**20)
    assert psrecord.series["cpu_cores"].values.max() < 1
    assert procpath.series["rss_bytes"].values[0] == 5446 * 4096
    assert procpath.sampled[0].name == "python3"
    assert np.isnan(procpath.series["cpu_cores"].values[0])
    assert sample("procpath.csv").series["rss_bytes"].values.tolist() == (
        procpath.series["rss_bytes"].values.tolist()
    )


def test_a_range_query_has_a_series_a_label_set() -> None:
    """Named by the metric and the labels in which they differ; NaN is missing."""
    json, csv = sample("prometheus.json"), sample("prometheus.csv")
    assert list(json.series) == list(csv.series)
    name = 'process_resident_memory_bytes{instance="a:1"}'
    assert json.series[name].unit == "bytes"
    assert len(json.series['process_open_fds{instance="a:1"}'].measured()) == 39
    assert json.interval_s == csv.interval_s == 15


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"status":"error","errorType":"bad_data","error":"no"}', "an answer without data: no"),
        ('{"status":"success","data":{"resultType":"vector","result":[]}}', "ask for a range"),
        ('{"status":"success","data":{"resultType":"matrix","result":[]}}', "no series"),
        ('{"status":"success","data":{"resultType":"matrix","res', "not whole JSON"),
        ('{"a":1}', "JSON of no known format"),
        ("<html><body>x</body></html>", "XML or HTML of no known format"),
        ("\x1f\x8b\x08\x00abc", "packed (gzip); unpack it first"),
        ("PK\x03\x04abc", "packed (zip)"),
        ("SQLite format 3\0abc", "an SQLite database without a table of procpath"),
        ("Method,Name,Error,Occurrences,First Seen,Last Seen\n", "lists no failure"),
        ("metric_name,timestamp,metric_value\nvus,1,1\n", "whether it failed"),
        ('timeStamp,elapsed,label,success\n"', "holds no request"),
        ("<testResults><httpSample", "not XML as JMeter writes it"),
        ("# Elapsed time   CPU (%)\n", "has a header but no rows"),
    ],
)
def test_what_a_file_lacks_is_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    """The sentence names the file, and what would be right."""
    path = tmp_path / "file"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        read(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
