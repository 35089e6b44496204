"""What is sent is one request, and the one that was meant."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.http.body import encode_body
from reli.http.fields import encode_fields
from reli.http.request import RequestBook
from reli.http.settings import Settings
from reli.http.url import add_params, parse_url


class _Server:
    """What a strict parser makes of the bytes."""

    def __init__(self, data: bytes) -> None:
        self.url, self.body, self.messages = b"", b"", 0
        self.headers: list[tuple[bytes, bytes]] = []
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method = parser.get_method()

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


@given(
    st.text(max_size=30),
    st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=4),
    st.binary(max_size=30) | st.none(),
)
def test_whatever_is_accepted_is_one_request(
    path: str, headers: dict[str, str], body: bytes | None
) -> None:
    """No path, header or body makes a second one, or changes what the others say."""
    book = RequestBook("http://host.example", {})
    try:
        target = book.target("POST", f"/{path}")
        fields = book.fields(headers)
    except ValueError:
        return
    server = _Server(book.assemble(target, fields, encode_body(body, None)))
    assert server.messages == 1
    assert server.body == (body or b"")
    assert server.url.startswith(b"/")
    sent = {name.strip().lower().encode("latin-1") for name in headers}
    assert {name for name, _ in server.headers} <= sent | {
        b"host", b"user-agent", b"accept", b"content-length",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://h", "http://h", "/"),
        ("HTTP://H:80/a", "http://h", "/a"),
        ("https://h:444/a?b#c", "https://h:444", "/a?b"),
        ("http://[::1]:8080/a", "http://[::1]:8080", "/a"),
        ("http://h/ä b?q=ü&r=%20", "http://h", "/%C3%A4%20b?q=%C3%BC&r=%20"),
        ("http://bücher.example/", "http://xn--bcher-kva.example", "/"),
    ],
)
def test_a_url_is_taken_apart(url: str, origin: str, target: str) -> None:
    """What is not ASCII is escaped, and a fragment stays here."""
    parsed = parse_url(url)
    assert (str(parsed.origin), parsed.target) == (origin, target)


@pytest.mark.parametrize(
    "url",
    ["", "h", "ftp://h/", "http://", "http://:80", "http://h:0/", "http://h:x/", "http://a\nb/"],
)
def test_what_is_no_url_is_refused_in_a_sentence(url: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="URL"):
        parse_url(url)


def test_parameters_join_a_query() -> None:
    """That is there already or not, and before a fragment."""
    assert add_params("/a", {"b": "c d"}) == "/a?b=c+d"
    assert add_params("/a?x=y#z", [("b", 1), ("b", 2)]) == "/a?x=y&b=1&b=2#z"
    assert add_params("/a", "raw=1") == "/a?raw=1"
    assert add_params("/a", {}) == "/a"


def test_the_book_of_requests_is_bounded() -> None:
    """URLs and headers that differ each time do not stay."""
    book = RequestBook("http://h", {})
    for number in range(5000):
        book.target("GET", f"/{number}")
        book.fields({"X-Id": str(number)})
    assert len(book.gets) <= 1000
    assert len(book._targets) <= 1000
    assert len(book._fields) <= 1000


def test_headers_that_changed_are_sent_as_they_are_now() -> None:
    """A dict that a locustfile goes on using is not remembered as it was."""
    book = RequestBook("http://h", {})
    headers = {"X-Token": "old"}
    assert b"old" in book.fields(headers).encoded
    headers["X-Token"] = "new"
    assert b"new" in book.fields(headers).encoded


def test_a_path_of_the_host_goes_before_that_of_a_request() -> None:
    """As with Locust's own users: the host is put in front as it is."""
    assert RequestBook("http://h/api", {}).target("GET", "/a").url == "http://h/api/a"
    assert RequestBook("http://h/", {}).target("GET", "/a").url == "http://h/a"
    assert RequestBook("http://h/api", {}).target("GET", "http://i/b").url == "http://i/b"


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_must_be_above_0(value: float) -> None:
    """The sentence names it."""
    with pytest.raises(ValueError, match="answer_timeout_s"):
        Settings(answer_timeout_s=value)


def test_a_header_that_closes_is_noticed() -> None:
    """After it nothing more goes over the connection."""
    assert encode_fields([("connection", "Close")]).closes
    assert not encode_fields([("Connection", "keep-alive")]).closes
