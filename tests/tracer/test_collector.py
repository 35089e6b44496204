"""The collector as a client, its parent and a person at a terminal meet it."""

from __future__ import annotations

import gzip
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from reli.backends.otlp import CollectorProcess
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROTOBUF = {"Content-Type": "application/x-protobuf"}


def export_request(ids: Iterable[int]) -> bytes:
    """An OTLP request with one span an id."""
    message = ExportTraceServiceRequest()
    scope = message.resource_spans.add().scope_spans.add()
    for number in ids:
        scope.spans.add(name="span", span_id=number.to_bytes(8))
    return bytes(message.SerializeToString())


def post(
    client: http.client.HTTPConnection,
    body: bytes,
    path: str = "/v1/traces",
    headers: dict[str, str] | None = None,
) -> int:
    """Post on a connection that stays open; returns the status."""
    client.request("POST", path, body, PROTOBUF | (headers or {}))
    answer = client.getresponse()
    answer.read()
    return answer.status


def connect(collector: CollectorProcess) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", collector.port, timeout=20)


def wait_until_gone(pid: int) -> bool:
    """Wait, at most 10 s, until a process has ended (its parent may not have reaped it yet)."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def shared() -> Iterator[CollectorProcess]:
    with CollectorProcess() as collector:
        yield collector


def test_spans_are_counted_once_however_often_they_come() -> None:
    """Records count each span that came, unique each id, over kept-alive connections."""
    with CollectorProcess() as collector:
        client = connect(collector)
        assert post(client, export_request(range(1, 101))) == 200
        assert post(client, export_request(range(51, 151))) == 200
        other = connect(collector)
        assert post(other, export_request(range(1, 151)), "/otel/v1/traces") == 200
        counts = collector.counts()
        for connection in (client, other):
            connection.close()
    assert (counts.requests, counts.status_2xx) == (3, 3)
    assert (counts.records, counts.unique) == (350, 150)
    assert counts.received_bytes > 350 * 8


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_compressed_requests_are_understood(
    shared: CollectorProcess, encoding: str, compress: type[bytes]
) -> None:
    """Both compressions that exporters offer are read."""
    client = connect(shared)
    before = shared.counts().records
    body = compress(export_request(range(1, 11)))
    assert post(client, body, headers={"Content-Encoding": encoding}) == 200
    assert shared.counts().records == before + 10
    client.close()


@pytest.mark.parametrize(
    ("body", "path", "headers", "status"),
    [
        (b"\xff\xff not protobuf", "/v1/traces", {}, 400),
        (b"not gzip", "/v1/traces", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"x" * 100)[:-20], "/v1/traces", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(bytes(65 * 2**20), 1), "/v1/traces", {"Content-Encoding": "gzip"}, 413),
        (b"", "/v1/traces", {"Content-Encoding": "br"}, 415),
        (b"{}", "/v1/traces", {"Content-Type": "application/json"}, 415),
        (b"", "/v1/metrics", {}, 404),
    ],
)
def test_a_bad_request_is_refused_and_the_connection_goes_on(
    shared: CollectorProcess, body: bytes, path: str, headers: dict[str, str], status: int
) -> None:
    """What cannot be read is answered with its status, counted, and stores nothing."""
    client = connect(shared)
    before = shared.counts()
    assert post(client, body, path, headers) == status
    assert post(client, export_request([1])) == 200
    after = shared.counts()
    assert after.status_4xx == before.status_4xx + 1
    assert after.records == before.records + 1
    client.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"POST /v1/traces HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /v1/traces HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"411"),
        (b"POST /v1/traces HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST /v1/traces HTTP/1.1\r\nX: " + b"x" * 2**17 + b"\r\n\r\n", b"431"),
        (b"GET /v1/traces HTTP/1.1\r\nConnection: close\r\n\r\n", b"405"),
    ],
)
def test_a_head_that_cannot_be_followed_is_refused(
    shared: CollectorProcess, head: bytes, status: bytes
) -> None:
    """A request without a known end is answered; the collector lives on."""
    with socket.create_connection(("127.0.0.1", shared.port), timeout=20) as client:
        client.sendall(head)
        assert client.recv(100).split()[1] == status
    assert shared.alive


def test_a_client_that_leaves_in_mid_request_is_no_request(shared: CollectorProcess) -> None:
    """Half a body stores nothing."""
    before = shared.counts()
    with socket.create_connection(("127.0.0.1", shared.port), timeout=20) as client:
        client.sendall(b"POST /v1/traces HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    probe = connect(shared)
    assert post(probe, export_request([1])) == 200
    assert shared.counts().requests == before.requests + 1
    probe.close()


@pytest.mark.parametrize(
    ("mode", "status", "stored"),
    [("ok", 200, 5), ("slow:50ms", 200, 5), ("status:503", 503, 0), ("flaky:100%:500", 500, 0)],
)
def test_modes_that_answer(mode: str, status: int, stored: int) -> None:
    """A mode answers with its status, and stores the spans only where it says so."""
    with CollectorProcess(mode) as collector:
        client = connect(collector)
        assert post(client, export_request(range(5))) == status
        counts = collector.counts()
        client.close()
    assert counts.unique == stored
    assert getattr(counts, f"status_{status // 100}xx") == 1


def test_a_refusal_can_say_when_to_come_back() -> None:
    """429 comes with its Retry-After (J020)."""
    with CollectorProcess("status:429:60s") as collector:
        client = connect(collector)
        client.request("POST", "/v1/traces", export_request([1]), PROTOBUF)
        answer = client.getresponse()
        assert (answer.status, answer.getheader("Retry-After")) == (429, "60")
        client.close()


@pytest.mark.parametrize(
    ("mode", "error", "stored"),
    [
        ("reset", ConnectionResetError, 0),
        ("unanswered", http.client.RemoteDisconnected, 5),
        ("drop", http.client.IncompleteRead, 5),
        ("hang", TimeoutError, 0),
    ],
)
def test_modes_that_break_the_connection(mode: str, error: type[Exception], stored: int) -> None:
    """Each way of not answering looks to the client as it would in a network."""
    with CollectorProcess(mode) as collector:
        client = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=1)
        with pytest.raises(error):
            post(client, export_request(range(5)))
        client.close()
        counts = collector.counts()
    assert (counts.unique, counts.unanswered) == (stored, 1)


def test_a_client_that_gives_up_on_a_slow_answer_is_not_stored() -> None:
    """Its batch failed for the client, so it must not have arrived for the collector."""
    with CollectorProcess("slow:1s") as collector:
        client = http.client.HTTPConnection("127.0.0.1", collector.port, timeout=0.2)
        with pytest.raises(TimeoutError):
            post(client, export_request(range(5)))
        client.close()
        deadline = time.monotonic() + 10
        while not collector.counts().unanswered and time.monotonic() < deadline:
            time.sleep(0.02)
        counts = collector.counts()
    assert (counts.requests, counts.unanswered, counts.unique) == (1, 1, 0)


def test_down_refuses_connections() -> None:
    """The port is known and closed."""
    with (
        CollectorProcess("down") as collector,
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.1", collector.port), timeout=20),
    ):
        pass


def test_counters_survive_the_collector() -> None:
    """What a killed collector had counted can still be read, and stopping it is no error."""
    collector = CollectorProcess()
    client = connect(collector)
    assert post(client, export_request(range(7))) == 200
    client.close()
    os.kill(collector.pid, signal.SIGKILL)
    assert wait_until_gone(collector.pid)
    assert not collector.alive
    assert collector.counts().unique == 7
    collector.stop()
    collector.stop()
    assert collector.counts().unique == 7


def test_stopping_ends_the_child() -> None:
    """It ends by itself when it is told to, in every mode and with an open connection."""
    for mode in ("ok", "down", "hang"):
        collector = CollectorProcess(mode)
        client = connect(collector)
        if mode != "down":
            client.connect()
        collector.stop()
        client.close()
        assert collector._process.returncode == 0


def test_it_stays_out_of_the_parents_process_group() -> None:
    """Ctrl-C in a terminal reaches a process group, and must leave the collector to the parent."""
    with CollectorProcess() as collector:
        assert os.getpgid(collector.pid) != os.getpgid(0)


PARENT = """
import os, sys, time
from reli.backends.otlp import CollectorProcess
collector = CollectorProcess("slow:60s")
holder = 0
if sys.argv[1] == "held":
    holder = os.fork()
    if holder == 0:
        time.sleep(60)
        os._exit(0)
print(collector.pid, holder, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("case", ["alone", "held"])
def test_it_dies_with_a_killed_parent(case: str) -> None:
    """SIGKILL of the parent ends it, also when another child holds the pipe to it open."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, case],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as parent:
        assert parent.stdout is not None
        collector, holder = (int(word) for word in parent.stdout.readline().split())
        assert psutil.pid_exists(collector)
        parent.kill()
        parent.wait()
        gone = wait_until_gone(collector)
        if holder:
            os.kill(holder, signal.SIGKILL)
    assert gone


def test_a_wrong_mode_is_refused_before_anything_starts() -> None:
    """The parent answers itself; no child is made."""
    children = len(psutil.Process().children())
    with pytest.raises(InputError, match="unknown collector mode"):
        CollectorProcess("nonsense")
    assert len(psutil.Process().children()) == children


@contextmanager
def run_by_hand(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "reli.backends.otlp", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_by_hand_it_says_where_it_is_and_what_it_counted() -> None:
    """It prints its URL, serves until Ctrl-C, prints its counters, and exits with 0."""
    with run_by_hand("--mode", "ok") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.split("http://127.0.0.1:")[1].split("/")[0])
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        assert post(client, export_request(range(3))) == 200
        client.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert "unique=3" in out
    assert (process.returncode, err) == (0, "")


def test_by_hand_what_cannot_be_used_is_one_sentence(shared: CollectorProcess) -> None:
    """A wrong mode and a taken port end with exit code 2 and without a traceback."""
    for arguments, words in (
        (("--mode", "slow"), "write slow:DELAY"),
        (("--port", str(shared.port)), f"port {shared.port} cannot be used"),
        (("--port", "99999"), "port 99999 cannot be used"),
    ):
        with run_by_hand(*arguments) as process:
            out, err = process.communicate(timeout=20)
        assert process.returncode == 2, err
        assert (words in err, err.count("\n"), out) == (True, 1, "")
