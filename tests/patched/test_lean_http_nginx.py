"""LeanHttpUser and a real nginx understand each other."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import gevent
import pytest
import trustme

from support.lean_users import LeanClient
from support.nginx import Nginx

LARGE = b"0123456789abcdef" * 20_000
SERVER = """
gzip on; gzip_types *; gzip_min_length 1;
location = /hello { return 200 "hello world\\n"; }
location = /empty { return 204; }
location = /old { return 301 /hello; }
location = /round { return 302 /round; }
location = /chunked { gzip off; ssi on; ssi_types *; default_type text/plain; }
location = /closing { keepalive_timeout 0; return 200 "bye\\n"; }
location = /brief { keepalive_timeout 50ms; return 200 "brief\\n"; }
location = /upload { client_max_body_size 1k; return 200; error_page 405 = /hello; }
"""


@pytest.fixture
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    home = tmp_path_factory.mktemp("nginx")
    (home / "files").mkdir()
    for name in ("large", "chunked"):
        (home / "files" / name).write_bytes(LARGE)
    with Nginx(home, SERVER) as running:
        yield running


def test_a_connection_is_used_again_and_again(nginx: Nginx, lean_client: LeanClient) -> None:
    """The server itself counts the requests of each connection."""
    client = lean_client(nginx.url).client
    for _ in range(50):
        assert client.get("/hello").content == b"hello world\n"
    numbers = [number for _, number, _ in nginx.requests(50)]
    assert numbers == list(range(1, 51))


def test_every_kind_of_answer_leaves_the_connection_in_order(
    nginx: Nginx, lean_client: LeanClient
) -> None:
    """Bodies of known and unknown length, none, coded ones: the next answer is always its own."""
    heard = lean_client(nginx.url)
    client = heard.client
    large = client.get("/large")
    assert large.content == LARGE
    etag = large.headers["ETag"]
    chunked = client.get("/chunked")
    assert chunked.headers["Transfer-Encoding"] == "chunked"
    assert chunked.content == LARGE
    head = client.head("/large")
    assert (head.content, head.headers["Content-Length"]) == (b"", str(len(LARGE)))
    assert client.head("/chunked").content == b""
    assert client.get("/empty").status_code == 204
    unchanged = client.get("/large", headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    part = client.get("/large", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, b"123")
    coded = client.get("/large", headers={"Accept-Encoding": "gzip"})
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.wire_body) == coded.content == LARGE
    assert heard.requests[-1]["response_length"] == len(coded.wire_body) < len(LARGE)
    assert client.get("/missing").status_code == 404
    assert heard.errors == [None] * 8 + ["BadStatusError"]
    assert len({connection for connection, _, _ in nginx.requests(9)}) == 1


def test_redirects_are_followed_to_their_end(nginx: Nginx, lean_client: LeanClient) -> None:
    """One that leads somewhere, and one that never does."""
    heard = lean_client(nginx.url)
    assert heard.client.get("/old").status_code == 301
    assert heard.client.get("/old", allow_redirects=True).text == "hello world\n"
    heard.client.get("/round", allow_redirects=True)
    assert heard.errors == [None, None, "TooManyRedirectsError"]


def test_connections_that_nginx_closes_cost_no_request(
    nginx: Nginx, lean_client: LeanClient
) -> None:
    """Whether it says so or just does."""
    heard = lean_client(nginx.url)
    for _ in range(3):
        heard.client.post("/closing")
    for _ in range(3):
        heard.client.get("/brief")
        gevent.sleep(0.15)
    assert heard.client.post("/hello").ok
    assert heard.errors == [None] * 7
    assert [number for _, number, _ in nginx.requests(7)] == [1] * 7


def test_a_request_that_nginx_refuses_is_a_failure(nginx: Nginx, lean_client: LeanClient) -> None:
    """Its answer of status 400 or 413 is told as such."""
    heard = lean_client(nginx.url)
    heard.client.get("/hello", headers={"Host": "a b"})
    heard.client.post("/large", data=bytes(3_000_000), answer_timeout_s=5)
    assert [str(request["exception"]) for request in heard.requests] == ["status 400", "status 413"]


def test_tls_works_as_without(
    tmp_path_factory: pytest.TempPathFactory, lean_client: LeanClient
) -> None:
    """Verified against the CA that the class names, over one kept connection."""
    home = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(home / "ca.pem")
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(home / "server.pem")
    (home / "files").mkdir()
    (home / "files" / "large").write_bytes(LARGE)
    with Nginx(
        home, SERVER, http="ssl_certificate server.pem; ssl_certificate_key server.pem;", tls=True
    ) as nginx:
        heard = lean_client(nginx.url, ca_bundle=home / "ca.pem", answer_timeout_s=5.0)
        for _ in range(3):
            assert heard.client.get("/hello").text == "hello world\n"
        assert heard.client.get("/large").content == LARGE
        assert heard.client.post("/hello", data=bytes(900_000)).ok
        assert heard.errors == [None] * 5
        assert [number for _, number, _ in nginx.requests(5)] == [1, 2, 3, 4, 5]
