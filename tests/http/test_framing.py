"""An answer ends where HTTP says, however its bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reli.http.errors import HeadersTooLargeError, HttpError, MalformedAnswerError
from reli.http.framing import AnswerReader
from reli.http.headers import Headers, final_head, head_end

SIZED = b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: u\r\n\r\n"
OPEN_ENDED = b"HTTP/1.1 200 OK\r\n\r\nhello"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


def _reader(method: str = "GET") -> AnswerReader:
    reader = AnswerReader(1000, 10_000)
    reader.begin(method)
    return reader


def _pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({cut % len(data) for cut in cuts} | {0})
    return [data[begin:end] for begin, end in zip(at, [*at[1:], None], strict=True)]


@given(
    st.sampled_from([SIZED, CHUNKED, OPEN_ENDED]),
    st.integers(0, 3),
    st.lists(st.integers(0, 10**6), max_size=20),
)
def test_cuts_make_no_difference(answer: bytes, interim: int, cuts: list[int]) -> None:
    """The same status, head and body, and only the last piece makes it whole."""
    reader = _reader()
    *first, last = _pieces(INTERIM * interim + answer, cuts)
    assert not any(reader.feed(piece) for piece in first)
    whole = reader.feed(last)
    if answer is OPEN_ENDED:
        assert not whole
        assert reader.feed(b"")
    else:
        assert whole
    assert (reader.status, reader.body) == (200, b"hello")
    assert final_head(reader.raw) == answer.split(b"\r\n\r\n")[0]
    assert reader.reusable is (answer is not OPEN_ENDED)


@given(st.lists(st.integers(0, 10**6), max_size=9), st.sampled_from([SIZED, CHUNKED, OPEN_ENDED]))
def test_the_answer_to_head_ends_with_its_head(cuts: list[int], answer: bytes) -> None:
    """Whatever it says of a body."""
    reader = _reader("HEAD")
    head = answer[: head_end(answer)]
    fed = [reader.feed(piece) for piece in _pieces(INTERIM + head, cuts)]
    assert fed[-1]
    assert not any(fed[:-1])
    assert (reader.status, reader.body, reader.reusable) == (200, b"", True)


def test_one_reader_reads_one_answer_after_another() -> None:
    """Of different kinds, over one connection."""
    reader = _reader()
    for method, answer, body in [
        ("GET", SIZED, b"hello"),
        ("HEAD", SIZED[: head_end(SIZED)], b""),
        ("GET", CHUNKED, b"hello"),
        ("GET", INTERIM + b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        ("GET", SIZED, b"hello"),
    ]:
        reader.begin(method)
        assert reader.feed(answer)
        assert reader.body == body
        assert reader.reusable


@given(st.binary(min_size=1, max_size=40).filter(lambda data: data.strip(b"\r\n")))
@example(b"H")
@example(b"HTTP/1.1 2")
@example(SIZED)
def test_surplus_ends_the_connection(surplus: bytes) -> None:
    """The answer before it counts."""
    reader = _reader()
    assert reader.feed(SIZED + surplus)
    assert reader.body == b"hello"
    assert not reader.reusable


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.sampled_from(["GET", "HEAD"]))
def test_any_bytes_are_an_answer_or_an_error(pieces: list[bytes], method: str) -> None:
    """Of the client's own errors; the end of the stream always decides."""
    reader = _reader(method)
    try:
        whole = any(reader.feed(piece) for piece in pieces) or reader.feed(b"")
    except HttpError:
        return
    assert whole
    assert 100 <= reader.status < 1000
    dict(Headers(final_head(reader.raw)))


def test_limits_hold_at_their_very_byte() -> None:
    """A head as large as it may be is taken, one byte more is not."""
    empty = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \r\n\r\n"
    fill = b"x" * (1000 - len(empty))
    assert _reader().feed(empty.replace(b"A: ", b"A: " + fill))
    with pytest.raises(HeadersTooLargeError):
        _reader().feed(empty.replace(b"A: ", b"A: " + fill + b"x"))


def test_the_answer_to_head_is_checked_too() -> None:
    """Its head is parsed as any other, and garbage is told at once."""
    for garbage in (b"hello", b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n"):
        with pytest.raises(MalformedAnswerError):
            _reader("HEAD").feed(garbage)


def test_headers_are_found_in_any_case() -> None:
    """A repeated field is joined, and each value can be had by itself."""
    headers = Headers(b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX-Empty:\r\nset-cookie: \xe4 ")
    assert headers["SET-COOKIE"] == "a, ä"
    assert headers.get_all("Set-cookie") == ["a", "ä"]
    assert list(headers) == ["Set-Cookie", "X-Empty"]
    assert "x-empty" in headers
    assert "empty" not in headers
    assert len(headers) == 2
    assert headers.get("missing") is None
