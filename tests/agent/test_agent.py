"""The agent serves what it measures, to who may read it, and to nobody's harm."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import trustme
from prometheus_client.parser import text_string_to_metric_families

from support.agents import AgentProcess
from support.sampled import started

_TOKEN = "a-token-of-this-test"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """An agent of this process and its host, with a token."""
    with AgentProcess(
        tmp_path_factory.mktemp("agent"),
        f"pid:{os.getpid()}",
        "host",
        environment={"RELI_AGENT_TOKEN": _TOKEN},
    ) as agent:
        until_sampled(agent, _TOKEN)
        yield agent


def until_sampled(agent: AgentProcess, token: str | None = None) -> str:
    """Wait for a page with a sample in it; returns it."""
    deadline = time.monotonic() + 30
    while True:
        _, page = agent.get("/metrics", token=token)
        if "reli_tree_rss_bytes" in page:
            return page
        assert time.monotonic() < deadline, page
        time.sleep(0.05)


def test_what_is_measured_is_served_in_the_format_of_prometheus(agent: AgentProcess) -> None:
    """The format's own parser reads it: names, units, labels and one number by hand."""
    page = until_sampled(agent, _TOKEN)
    families = {family.name: family for family in text_string_to_metric_families(page)}
    (info,) = families["reli_agent_info"].samples
    assert info.labels["host"] == socket.gethostname()
    (rss,) = families["reli_tree_rss_bytes"].samples
    assert rss.labels["source"] == f"pid:{os.getpid()}"
    assert rss.labels["pid"] == str(os.getpid())
    assert rss.labels["segment"] == "0"
    assert rss.value == pytest.approx(psutil.Process().memory_info().rss, rel=0.3)
    assert families["reli_tree_cpu_seconds"].type == "counter"
    assert families["reli_host_memory_available_bytes"].samples
    assert families["reli_agent_missed_samples"].type == "counter"
    assert abs(families["reli_agent_sample_seconds"].samples[0].value - time.time()) < 60
    assert all(family.documentation for family in families.values())
    assert all(name.startswith("reli_") for name in families)


def test_events_are_counted(agent: AgentProcess) -> None:
    """By kind and source, so that Prometheus can alert on restarts."""
    page = until_sampled(agent, _TOKEN)
    assert f'reli_events_total{{kind="appeared",source="pid:{os.getpid()}"}} 1.0' in page


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_there_is_nothing_but_reading(agent: AgentProcess, method: str) -> None:
    """Any other method is refused, whatever it asks for."""
    status, _ = agent.get("/metrics", token=_TOKEN, method=method)
    assert status == 405


def test_head_is_reading_too(agent: AgentProcess) -> None:
    """It has no body."""
    assert agent.get("/metrics", token=_TOKEN, method="HEAD") == (200, "")


def test_an_unknown_page_names_the_known_ones(agent: AgentProcess) -> None:
    """And a number that is none is told."""
    assert agent.get("/nothing", token=_TOKEN)[0] == 404
    assert "/metrics, /samples, /health" in agent.get("/", token=_TOKEN)[1]
    assert agent.get("/samples?after=x", token=_TOKEN)[0] == 400


@pytest.mark.parametrize("token", [None, "", "a-token-of-this-tesT", "ü" * 20, _TOKEN + "x"])
def test_without_the_token_nothing_is_read(agent: AgentProcess, token: str | None) -> None:
    """Only whether the agent is well."""
    shown = token.encode().decode("latin-1") if token is not None else None
    assert agent.get("/metrics", token=shown) == (401, "Unauthorized\n")
    assert agent.get("/samples", token=shown)[0] == 401
    assert agent.get("/health", token=shown) == (200, "ok\n")


def _talk(agent: AgentProcess, request: bytes) -> bytes:
    """What comes back for some bytes, until the agent ends the connection."""
    with socket.create_connection(("127.0.0.1", agent.port), 15) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
        return answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 20_000, b"431"),
        (b"GET  /metrics HTTP/1.1\r\n\r\n", b"400"),
        (b"GET metrics HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/2.0\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n folded: 1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", b"413"),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"413"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\n\r\n", b"401"),
    ],
    ids=["head", "spaces", "target", "version", "folded", "length", "chunked", "tls", "no-token"],
)
def test_a_bad_request_ends_its_connection(
    agent: AgentProcess, request_: bytes, status: bytes
) -> None:
    """It is answered once, and nothing that follows is read as another request."""
    answer = _talk(agent, request_ + b"GET /health HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.count(b"HTTP/1.1 ") == 1


def test_connections_that_say_nothing_make_room(agent: AgentProcess) -> None:
    """A hundred of them, some within a request, keep nobody from reading."""
    with contextlib.ExitStack() as stack:
        for number in range(100):
            idle = socket.create_connection(("127.0.0.1", agent.port), 10)
            stack.enter_context(idle)
            if number % 2:
                with contextlib.suppress(OSError):
                    idle.sendall(b"GET /metrics HT")
        assert agent.get("/metrics", token=_TOKEN)[0] == 200


def test_readers_that_take_nothing_do_not_hold_up_the_sampling(agent: AgentProcess) -> None:
    """What they asked for waits in their own buffers; others read on."""
    ask = f"GET /samples?after=0 HTTP/1.1\r\nAuthorization: Bearer {_TOKEN}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", agent.port), 10))
            slow.sendall(ask * 20)
        first = _number(agent.get("/metrics", token=_TOKEN)[1])
        deadline = time.monotonic() + 20
        while _number(agent.get("/metrics", token=_TOKEN)[1]) == first:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _number(page: str) -> float:
    (line,) = [line for line in page.splitlines() if line.startswith("reli_agent_sample_seconds ")]
    return float(line.split()[1])


def test_samples_follow_one_another(agent: AgentProcess) -> None:
    """Each has its number once; the first look at an agent gets the newest alone."""
    until_sampled(agent, _TOKEN)
    _, newest = agent.get("/samples", token=_TOKEN)
    assert newest.count("\n# sample ") == 1
    _, everything = agent.get("/samples?after=0", token=_TOKEN)
    samples = everything.count("\n# sample ")
    assert samples > 1
    assert "# event " in everything
    _, rest = agent.get("/samples?after=999999999", token=_TOKEN)
    assert rest.count("\n") == 1
    _, other = agent.get("/samples?after=999999999&of=an-agent-before", token=_TOKEN)
    assert other.count("\n# sample ") >= samples


def test_a_signal_ends_it_well(tmp_path: Path) -> None:
    """As systemd and Ctrl-C do."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with AgentProcess(tmp_path, "host") as agent:
            agent.signal(number)
            assert agent.process is not None
            assert agent.process.wait(20) == 0


def test_it_serves_over_tls_and_ipv6(tmp_path: Path) -> None:
    """With a certificate of its own; plain HTTP is not answered."""
    if not _has_ipv6():
        pytest.skip("this host has no IPv6 loopback")
    authority = trustme.CA()
    options = certificate_options(tmp_path, authority.issue_cert("::1"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with AgentProcess(tmp_path, "host", host="::1", options=options) as agent:
        assert agent.get("/health", context=context) == (200, "ok\n")
        with pytest.raises(OSError):
            agent.get("/health")
        assert agent.get("/health", context=context) == (200, "ok\n")


def certificate_options(home: Path, certificate: trustme.LeafCert) -> tuple[str, ...]:
    """The files of a certificate as the command line takes them."""
    certificate.private_key_pem.write_to_path(str(home / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(home / "certificate.pem"))
    return (
        *("--tls-certificate", str(home / "certificate.pem")),
        *("--tls-key", str(home / "key.pem")),
    )


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def _serve(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from reli.cli import main; main()", "sample", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["host", "--serve", "9646"], "write HOST:PORT"),
        (["host", "--serve", "::1:9646"], "in brackets"),
        (["host", "--serve", "192.0.2.1:9646"], "nothing can listen at 192.0.2.1:9646"),
        (["host", "--serve", "no-such-host.invalid:9646"], "nothing can listen at no-such-host"),
        (["self", "--serve", "127.0.0.1:0"], "an agent runs none"),
        (["host", "--serve", "127.0.0.1:0", "--token-file", "/nonexistent"], "cannot be read"),
        (["host", "--serve", "127.0.0.1:0", "--token-file", "/dev/null"], "holds no token"),
        (
            ["host", "--serve", "127.0.0.1:0", "--tls-certificate", "/x", "--tls-key", "/x"],
            "the TLS file /x cannot be read: No such file",
        ),
        (
            [
                "host",
                "--serve",
                "127.0.0.1:0",
                "--tls-certificate",
                __file__,
                "--tls-key",
                __file__,
            ],
            "are no certificate with its key",
        ),
    ],
)
def test_what_cannot_be_served_is_one_sentence(arguments: list[str], sentence: str) -> None:
    """And exit code 2."""
    done = _serve(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_taken_is_told(agent: AgentProcess) -> None:
    """With what the system says."""
    done = _serve("host", "--serve", agent.address)
    assert done.returncode == 2
    assert f"nothing can listen at {agent.address}: Address already in use" in done.stderr


@pytest.mark.parametrize(
    ("host", "environment", "warns"),
    [
        ("0.0.0.0", {}, "asks for no token"),
        ("0.0.0.0", {"RELI_AGENT_TOKEN": _TOKEN}, "without TLS"),
        ("127.0.0.1", {}, ""),
    ],
)
def test_an_agent_that_others_could_read_warns(
    host: str, environment: dict[str, str], warns: str
) -> None:
    """In one line, which does not show the token."""
    done = _serve("host", "--serve", f"{host}:0", "--for", "0.2s", **environment)
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stderr.splitlines() if "warning" in line]
    assert len(warnings) == bool(warns)
    assert warns in "".join(warnings)
    assert _TOKEN not in done.stderr


def test_a_source_that_fails_costs_its_own_readings(tmp_path: Path) -> None:
    """A target that is not there leaves the others and the agent as they are."""
    with (
        started("sleep", "600") as child,
        AgentProcess(tmp_path, f"pid:{child.pid}", "host") as agent,
    ):
        until_sampled(agent)
        child.kill()
        child.wait()
        deadline = time.monotonic() + 20
        while "reli_tree_rss_bytes" in (page := agent.get("/metrics")[1]):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert "reli_host_memory_available_bytes" in page
    assert f'source="pid:{child.pid}"' in page
