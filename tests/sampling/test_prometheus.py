"""An endpoint is scraped beside the sampling, and whatever it does is a sentence and no more."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest
import trustme

from reli.sampling import PublishesMetrics, parse_target
from reli.sampling import prometheus_source as module
from reli_analysis.errors import InputError
from reli_analysis.record.layout import PROCESS, TREE
from support.metrics_server import (
    Behaviour,
    MetricsServer,
    answer,
    counting,
    drip,
    flood,
    hang,
    zipped,
)
from support.sampled_live import SampledLive

_PROCESS = """# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total {cpu}
process_open_fds 30
process_max_fds 120
process_resident_memory_bytes 5e+07
process_start_time_seconds {started}
"""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint is given up after a moment."""
    monkeypatch.setattr(module, "_TIMEOUT_S", 0.3)


def test_a_page_is_read_each_interval_with_its_own_time() -> None:
    """Gauges and rates arrive in order, each at the moment at which it was scraped."""
    pages = counting(f"level {n}\njobs_total {n}\n" for n in range(1000))
    with (
        MetricsServer(*pages) as server,
        SampledLive(f"prometheus:{server.url}#level,jobs_total") as it,
    ):
        it.until(lambda: len(it.values("level")) > 4 and len(it.values("jobs_total_per_s")) > 3)
        times = [r.elapsed_s for r in it.readings if r.name == "level"]
    assert it.values("level") == sorted(it.values("level"))
    assert all(rate > 0 for rate in it.values("jobs_total_per_s"))
    assert all(time is not None and 0 <= time <= it.clock.elapsed_s() for time in times)
    assert len(set(times)) == len(times)
    assert it.said("cannot") == it.said("no ") == 0


def test_gzip_is_asked_for_and_read() -> None:
    """And the connection is kept for the next page."""
    with (
        MetricsServer(zipped("up 1\n")) as server,
        SampledLive(f"prometheus:{server.url}#up") as it,
    ):
        it.until(lambda: len(it.values("up")) > 2)
        assert b"Accept-Encoding: gzip" in server.requests[0]
        assert len(server._open) == 1


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured is near."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with (
        MetricsServer(answer("up 1\n")) as server,
        SampledLive(f"prometheus:{server.url}#up") as it,
    ):
        it.until(lambda: it.values("up"))


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (answer("", "500 Internal Server Error"), "status 500"),
        (answer("", "302 Found", {"Location": "http://127.0.0.1:1/"}), "a redirect (status 302)"),
        (answer("<html>"), "not in the Prometheus text format"),
        (answer(b"\x1f\x8bnot gzip", headers={"Content-Encoding": "gzip"}), "broken"),
        (answer("up 1", headers={"Content-Encoding": "zstd"}), "unknown coding"),
        (lambda c: c.sendall(b"SSH-2.0-OpenSSH\r\n"), "Expected HTTP/"),
        (lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000), "more than 65,536 bytes"),
        (lambda c: c.shutdown(socket.SHUT_RDWR), "closed before an answer"),
        (
            lambda c: (
                c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nup"),
                c.shutdown(socket.SHUT_RDWR),
            ),
            "closed within the body",
        ),
        (hang, "no whole answer in time"),
        (drip, "no whole answer in time"),
        (flood, "more than 16,777,216 bytes"),
    ],
    ids=[
        "error", "redirect", "html", "gzip", "coding", "ssh", "head", "closed", "cut", "hang",
        "drip", "flood",
    ],
)  # fmt: skip
def test_an_endpoint_that_misbehaves_is_told_once(
    behaviour: Behaviour, sentence: str, request: pytest.FixtureRequest
) -> None:
    """One event when it begins and one when it is well again; no sample waits for it."""
    if request.node.callspec.id.endswith(("hang", "drip")):
        request.getfixturevalue("impatient")
    with (
        MetricsServer(answer("up 1\n")) as server,
        SampledLive(f"prometheus:{server.url}#up") as it,
    ):
        it.until(lambda: it.values("up"))
        server.now(behaviour)
        it.until(lambda: it.said(sentence))
        for _ in range(5):
            it.sample()
        server.now(answer("up 2\n"))
        it.until(lambda: 2.0 in it.values("up"))
        it.until(lambda: it.said("it is read again"))
    assert it.said(sentence) == it.said("it is read again") == 1
    assert all(subject == f"prometheus:{server.url}#up" for _, subject, _ in it.events)


def test_an_endpoint_that_is_not_there_yet() -> None:
    """It is told, and read once it is there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with SampledLive(f"prometheus:http://127.0.0.1:{port}/#up") as it:
        it.until(lambda: it.said("Connection refused"))
        assert it.readings == []
    with SampledLive("prometheus:http://no-such-host.invalid/#up") as it:
        it.until(lambda: it.said("the name is not known"))


def test_a_hanging_endpoint_does_not_hold_up_a_sample_or_the_end() -> None:
    """Samples are answered at once, with nothing, and closing interrupts the wait."""
    with MetricsServer(hang) as server:
        with SampledLive(f"prometheus:{server.url}#up") as it:
            it.until(lambda: server.requests)
            assert it.sample() == []
        it._source._polling._thread.join(5)  # type: ignore[attr-defined]  # the thread has ended
        assert not it._source._polling._thread.is_alive()  # type: ignore[attr-defined]  # as above


def test_tls_is_verified() -> None:
    """A certificate that nobody vouches for is a sentence, and no sample."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with (
        MetricsServer(answer("up 1\n"), tls=context) as server,
        SampledLive(f"prometheus:{server.url}#up") as it,
    ):
        it.until(lambda: it.said("certificate refused"))
    assert it.readings == []


def test_tls_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a certificate that the system's store vouches for."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with (
        MetricsServer(answer("up 1\n"), tls=context) as server,
        SampledLive(f"prometheus:{server.url}#up") as it,
    ):
        it.until(lambda: it.values("up"))


def test_without_a_selector_it_is_a_process() -> None:
    """The metrics that every client library publishes, as a process and as a tree."""
    page = _PROCESS.format(cpu=12.5, started=1_700_000_000)
    with MetricsServer(answer(page)) as server, SampledLive(f"prometheus:{server.url}") as it:
        it.until(lambda: it.readings)
        reading, tree = it.readings[:2]
    assert [reading.kind, tree.kind] == [PROCESS, TREE]
    assert reading.values == tree.values
    assert reading.started_s == 1_700_000_000
    assert reading.values == {
        "rss_bytes": 5e7,
        "fds": 30,
        "fds_limit": 120,
        "fds_ratio": 0.25,
        "cpu_s": 12.5,
    }


@pytest.mark.parametrize("later", [_PROCESS.format(cpu=0.1, started=1_700_000_500)])
def test_a_restart_is_a_segment_and_an_event(later: str) -> None:
    """Another start is another process."""
    with (
        MetricsServer(answer(_PROCESS.format(cpu=9, started=1_700_000_000))) as server,
        SampledLive(f"prometheus:{server.url}") as it,
    ):
        it.until(lambda: it.readings)
        server.now(answer(later))
        it.until(lambda: it.said("another process answers", "restart"))
        assert [r.segment for r in it.readings if r.started_s == 1_700_000_000] == [0] * (
            sum(r.started_s == 1_700_000_000 for r in it.readings)
        )
        assert {r.segment for r in it.readings if r.started_s == 1_700_000_500} == {1}
    (event,) = [event for event in it.events if event[0] == "restart"]
    assert event[1] == f"prometheus:{server.url}"
    assert "began at 2023-11-14T22:21:40Z; why the one before ended is not seen" in event[2]


def test_a_page_without_a_process_is_told() -> None:
    """It says what to do."""
    with MetricsServer(answer("up 1\n")) as server, SampledLive(f"prometheus:{server.url}") as it:
        it.until(lambda: it.said("no metrics of its process; select some"))


def test_a_selector_that_finds_nothing_is_told_once() -> None:
    """And once when it finds something; the others go on."""
    with (
        MetricsServer(answer("up 1\n")) as server,
        SampledLive(f"prometheus:{server.url}#up,jobs") as it,
    ):
        it.until(lambda: len(it.values("up")) > 3)
        server.now(answer("up 1\njobs 2\n"))
        it.until(lambda: it.values("jobs") and it.said("complete again"))
    assert it.said("the page has no metric jobs") == it.said("jobs is complete again") == 1
    assert it.said("up is") == 0


def test_an_endpoint_that_comes_and_goes_is_no_flood_of_events() -> None:
    """A trouble that comes again within a minute is not told again."""
    with (
        MetricsServer(*[answer("up 1\n"), answer("", "500 Oops")] * 500) as server,
        SampledLive(f"prometheus:{server.url}#up", interval_s=0.05) as it,
    ):
        it.until(lambda: len(it.values("up")) > 10)
    assert it.said("status 500") == it.said("it is read again") == 1


def test_a_page_that_costs_too_much_is_read_more_rarely() -> None:
    """Ten megabytes each tenth of a second would keep a core busy."""
    page = "".join(f'other_{n % 900}{{id="{n}"}} 1\n' for n in range(400_000)) + "up 1\n"
    with MetricsServer(zipped(page)) as server, SampledLive(f"prometheus:{server.url}#up") as it:
        it.until(lambda: it.values("up") and it.said("its metrics are read every", "pace"))
        every_s = float(it.events[-1][2].split(" every ")[1].split(" s ")[0])
        asked, began_s = len(server.requests), it.clock.elapsed_s()
        while it.clock.elapsed_s() < began_s + 2 * every_s:
            time.sleep(it.clock.interval_s)
        passed_s = it.clock.elapsed_s() - began_s
    # It is read more often again only once it has become cheap, which it has not.
    assert len(server.requests) - asked <= passed_s / every_s + 2


def test_named_selectors_are_metrics_of_the_run() -> None:
    """Their names, and the units that the names state."""
    target = parse_target(
        'prometheus:http://127.0.0.1:1/metrics#heap_bytes=heap{area="old"},slow_s=p95(wait),up'
    ).target
    assert isinstance(target, PublishesMetrics)
    assert [(m.name, m.kind, m.unit) for m in target.metrics] == [
        ("heap_bytes", "gauge", "bytes"),
        ("slow_s", "gauge", "s"),
    ]
    assert 'heap{area="old"}' in target.metrics[0].meaning


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("prometheus:127.0.0.1:9187", "is not a URL of http:// or https://"),
        ("prometheus:ftp://x/", "is not a URL"),
        ("prometheus:http://:80/", "names no valid host and port"),
        ("prometheus:http://u:secret@x/#up", "holds a password"),
        ("prometheus:http://x/#", "selects nothing"),
        ("prometheus:http://x/#up{", "needs a label such as"),
    ],
)
def test_a_wrong_target_is_one_sentence(target: str, sentence: str) -> None:
    """It says what would be right, and shows no password."""
    with pytest.raises(InputError, match=sentence) as caught:
        parse_target(target)
    assert "secret" not in str(caught.value)
