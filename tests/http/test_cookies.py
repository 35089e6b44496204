"""A user's cookies go where they belong, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.http.cookies import CookieStore, find_set_cookie
from reli.http.fields import encode_fields
from reli.http.url import parse_url


def _store(*cookies: str, url: str = "http://a.example/x/y") -> CookieStore:
    store = CookieStore()
    lines = "".join(f"Set-Cookie: {cookie}\r\n" for cookie in cookies)
    raw = f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode("latin-1")
    assert find_set_cookie(raw)
    parsed = parse_url(url)
    store.take(raw, parsed.origin, parsed.target)
    return store


def _sent(store: CookieStore, url: str) -> str:
    parsed = parse_url(url)
    return store.header(parsed.origin, parsed.target.partition("?")[0])


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("a=1", "http://a.example/x/z", "a=1"),
        ("a=1", "http://a.example/", ""),
        ("a=1", "http://a.example/xx", ""),
        ("a=1; Path=/", "http://a.example/q?b", "a=1"),
        ("a=1; Path=/", "http://b.a.example/", ""),
        ("a=1; Path=/; Domain=.a.example", "http://b.a.example/", "a=1"),
        ("a=1; Path=/; Domain=other.example", "http://other.example/", ""),
        ("a=1; Path=/; Domain=example", "http://b.example/", ""),
        ("a=1; Path=/; Secure", "http://a.example/", ""),
        ("a=1; Path=/; Secure", "https://a.example/", "a=1"),
        ("a=1; Path=/; Max-Age=0", "http://a.example/", ""),
        ("a=1; Path=/; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.example/", "a=1"),
        ("a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.example/", ""),
        ("a=1; Path=/; Expires=soon", "http://a.example/", "a=1"),
        ("a=b=c; Path=/; HttpOnly", "http://a.example/", "a=b=c"),
        ("novalue", "http://a.example/x/", ""),
        ("=x", "http://a.example/x/", ""),
        ("a=" + "x" * 5000, "http://a.example/x/", ""),
    ],
)  # fmt: skip
def test_a_cookie_goes_where_it_belongs(cookie: str, url: str, sent: str) -> None:
    """By host, path, scheme and time."""
    assert _sent(_store(cookie), url) == sent


def test_the_longest_path_comes_first_and_the_latest_value_counts() -> None:
    """A cookie of the same name, host and path is replaced, or taken back."""
    store = _store("a=1; Path=/", "b=2; Path=/x", "a=3; Path=/")
    assert _sent(store, "http://a.example/x") == "b=2; a=3"
    gone = _store("a=1; Path=/", "a=; Path=/; Max-Age=-1")
    assert _sent(gone, "http://a.example/") == ""
    assert gone.kept == {}


def test_the_store_is_bounded() -> None:
    """A service that sets a new name each time does not fill the memory."""
    assert len(_store(*(f"n{number}=1" for number in range(1000))).kept) <= 200


@given(st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60))
def test_whatever_was_kept_can_be_sent(cookie: str) -> None:
    """No cookie makes a header that would be refused."""
    encode_fields([("Cookie", _sent(_store(cookie), "http://a.example/x/y"))])
