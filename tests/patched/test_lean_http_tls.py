"""A server that cannot prove who it is gets no request."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from locust.exception import StopTest

from support.lean_users import LeanClient
from support.scripted_server import OK, ScriptedServer, Step, close, drip, pause, read


@dataclass
class Authority:
    """A certificate authority of this test run, and the file that names it."""

    trustme: trustme.CA
    bundle: Path

    def context(self, host: str = "127.0.0.1", *, expired: bool = False) -> ssl.SSLContext:
        """What a server needs to be ``host``."""
        until = datetime.now(UTC) - timedelta(days=1) if expired else None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.trustme.issue_cert(host, not_after=until).configure_cert(context)
        return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    made = trustme.CA()
    made.cert_pem.write_to_path(bundle)
    return Authority(made, bundle)


@pytest.fixture
def server(authority: Authority) -> Iterator[ScriptedServer]:
    with ScriptedServer(tls=authority.context()) as running:
        yield running


def test_a_verified_server_is_answered(
    server: ScriptedServer, authority: Authority, lean_client: LeanClient
) -> None:
    """And the connection is kept."""
    heard = lean_client(server.url, ca_bundle=authority.bundle)
    assert [heard.client.get("/").text for _ in range(3)] == ["hi"] * 3
    assert server.accepted == 1


@pytest.mark.parametrize(
    ("host", "expired", "trusted", "reason"),
    [
        ("127.0.0.1", True, True, "expired"),
        ("elsewhere.example", False, True, "not valid for"),
        ("127.0.0.1", False, False, "unable to get local issuer"),
    ],
    ids=["expired", "another host's", "unknown authority"],
)
def test_a_certificate_that_proves_nothing_is_refused(  # noqa: PLR0913 -- cases and fixtures
    authority: Authority,
    lean_client: LeanClient,
    host: str,
    reason: str,
    *,
    expired: bool,
    trusted: bool,
) -> None:
    """By default; a class that says ``insecure`` takes any."""
    with ScriptedServer(tls=authority.context(host, expired=expired)) as server:
        heard = lean_client(server.url, ca_bundle=authority.bundle if trusted else None)
        heard.client.get("/")
        assert heard.errors == ["TlsError"]
        assert reason in str(heard.requests[0]["exception"])
        assert server.requests == []
        assert lean_client(server.url, insecure=True).client.get("/").ok


def test_a_certificate_that_signed_itself_is_refused(
    tmp_path: Path, lean_client: LeanClient
) -> None:
    """Unless it is the one that the class trusts."""
    own = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.private_key_pem.write_to_path(tmp_path / "key.pem")
    own.cert_pem.write_to_path(tmp_path / "cert.pem")
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with ScriptedServer(tls=context) as server:
        heard = lean_client(server.url)
        heard.client.get("/")
        assert heard.errors == ["TlsError"]
        assert "self-signed" in str(heard.requests[0]["exception"])


BROKEN: dict[str, tuple[list[Step], str]] = {
    "plain HTTP": ([OK], "TlsError"),
    "plain HTTP that waits for a request": ([read, OK], "ConnectTimeoutError"),
    "silence": ([pause(9)], "ConnectTimeoutError"),
    "a drip of a handshake": (
        [drip(b"\x16\x03\x03\x00\x7a\x02" + bytes(99))],
        "ConnectTimeoutError",
    ),
    "closed": ([close], "ConnectError"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_handshake_that_does_not_end_is_a_failure(name: str, lean_client: LeanClient) -> None:
    """HTTPS to a port that speaks something else, or nothing."""
    script, error = BROKEN[name]
    with ScriptedServer(script) as server:
        heard = lean_client(
            server.url.replace("http:", "https:"), connect_timeout_s=0.3, answer_timeout_s=3.0
        )
        heard.client.get("/")
        assert heard.errors in ([error], ["TlsError"] if error == "ConnectError" else [error])


def test_an_answer_over_tls_has_its_time_too(authority: Authority, lean_client: LeanClient) -> None:
    """A drip of records is as late as one of bytes."""
    script: list[Step] = [read, drip(OK[:-1] + b" " * 99)]
    silent: list[Step] = [read, pause(9)]
    with ScriptedServer(script, silent, tls=authority.context()) as server:
        heard = lean_client(server.url, ca_bundle=authority.bundle)
        heard.client.get("/slow", headers={"X": "y"})
        heard.client.get("/")
        assert heard.errors == ["AnswerTimeoutError", "FirstByteTimeoutError"]
        assert heard.client.get("/").ok


def test_the_context_is_made_once_for_a_class(
    server: ScriptedServer, authority: Authority, lean_client: LeanClient
) -> None:
    """Not for each user: loading the trust store takes longer than many requests."""
    heard = lean_client(server.url, ca_bundle=authority.bundle)
    shared = heard.client._transport._tls_context
    assert shared() is shared()


def test_a_bundle_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, lean_client: LeanClient
) -> None:
    """Told before the first request."""
    with pytest.raises(StopTest, match=r"ca_bundle .*missing\.pem cannot be read"):
        lean_client("https://127.0.0.1:1", ca_bundle=tmp_path / "missing.pem")
