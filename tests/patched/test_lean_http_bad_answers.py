"""Whatever a server answers, the request ends in time, by its right name, and the next one works."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

import brotli  # type: ignore[import-untyped]  # it ships no types
import gevent
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reli.http.errors import HttpError
from support.lean_users import LeanClient
from support.scripted_server import (
    OK,
    ScriptedServer,
    Step,
    close,
    drip,
    flood,
    pause,
    read,
    reset,
)

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _sized(length: object, body: bytes = b"hi") -> bytes:
    return HEAD + b"Content-Length: " + str(length).encode() + b"\r\n\r\n" + body


BAD: dict[str, tuple[Sequence[Step], str]] = {
    # Closed.
    "closed at once": ([close], "ConnectionClosedError"),
    "closed before an answer": ([read, close], "ConnectionClosedError"),
    "closed within the status line": ([read, b"HTTP/1.1 20"], "TruncatedAnswerError"),
    "closed within the head": ([read, HEAD + b"A: b\r\n"], "TruncatedAnswerError"),
    "closed within the body": ([read, _sized(100)], "TruncatedAnswerError"),
    "closed within a chunk": ([read, CHUNKED + b"5\r\nhi"], "TruncatedAnswerError"),
    "closed before the last chunk": ([read, CHUNKED + b"2\r\nhi\r\n"], "TruncatedAnswerError"),
    "closed within the trailers": ([read, CHUNKED + b"0\r\nA: b\r\n"], "TruncatedAnswerError"),
    "only an interim answer": ([read, b"HTTP/1.1 100 Continue\r\n\r\n"], "TruncatedAnswerError"),
    # Reset.
    "reset at once": ([reset], "ConnectionClosedError"),
    "reset before an answer": ([read, reset], "ConnectionClosedError"),
    "reset within the head": ([read, HEAD, pause(0.05), reset], "TruncatedAnswerError"),
    "reset within the body": ([read, _sized(100), pause(0.05), reset], "TruncatedAnswerError"),
    "reset in a body without length": (
        [read, HEAD + b"\r\nabc", pause(0.05), reset],
        "TruncatedAnswerError",
    ),
    # Too late.
    "silence": ([read, pause(9)], "FirstByteTimeoutError"),
    "silence without reading": ([pause(9)], "FirstByteTimeoutError"),
    "silence within the head": ([read, HEAD, pause(9)], "AnswerTimeoutError"),
    "silence within the body": ([read, _sized(100), pause(9)], "AnswerTimeoutError"),
    "a drip in the head": ([read, drip(HEAD + b"A: ")], "AnswerTimeoutError"),
    "a drip in the body": ([read, _sized(10**6), drip(b"x")], "AnswerTimeoutError"),
    "a drip of chunks": ([read, CHUNKED, drip(b"1\r\nx\r\n" * 10**4)], "AnswerTimeoutError"),
    "a drip without length": ([read, HEAD + b"\r\n", drip(b"x")], "AnswerTimeoutError"),
    # Not HTTP.
    "HTTP/0.9": ([read, b"<html>hello</html>"], "MalformedAnswerError"),
    "garbage": ([read, bytes(range(256)) * 4], "MalformedAnswerError"),
    "a TLS alert": ([read, b"\x15\x03\x01\x00\x02\x02\x46"], "MalformedAnswerError"),
    "no status line": ([read, b"Content-Length: 2\r\n\r\nhi"], "MalformedAnswerError"),
    "a status of two digits": ([read, b"HTTP/1.1 20 OK\r\n\r\n"], "MalformedAnswerError"),
    "a status of four digits": ([read, b"HTTP/1.1 2000 OK\r\n\r\n"], "MalformedAnswerError"),
    "status 0": ([read, b"HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n"], "MalformedAnswerError"),
    "a wrong version": ([read, b"HTTP/7.3 200 OK\r\n\r\n"], "MalformedAnswerError"),
    # Headers that lie.
    "a length that is negative": ([read, _sized(-2)], "MalformedAnswerError"),
    "a length with a sign": ([read, _sized("+2")], "MalformedAnswerError"),
    "a length that is no number": ([read, _sized("two")], "MalformedAnswerError"),
    "a length of many digits": ([read, _sized("9" * 40)], "MalformedAnswerError"),
    "a length that never comes": ([read, _sized(10**15), close], "TruncatedAnswerError"),
    "two lengths": (
        [read, HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi"],
        "MalformedAnswerError",
    ),
    "length and chunks": (
        [read, HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
        "MalformedAnswerError",
    ),
    "a chunk size that is none": ([read, CHUNKED + b"zz\r\nhi\r\n"], "MalformedAnswerError"),
    "a negative chunk size": ([read, CHUNKED + b"-2\r\nhi\r\n"], "MalformedAnswerError"),
    "a huge chunk size": ([read, CHUNKED + b"f" * 40 + b"\r\nhi\r\n"], "MalformedAnswerError"),
    "a chunk without its end": ([read, CHUNKED + b"2\r\nhixx0\r\n\r\n"], "MalformedAnswerError"),
    "a name that is not ASCII": ([read, HEAD + "ä: b\r\n\r\n".encode()], "MalformedAnswerError"),
    "a name with a space": ([read, HEAD + b"A : b\r\n\r\n"], "MalformedAnswerError"),
    "a NUL in a name": ([read, HEAD + b"A\0: b\r\n\r\n"], "MalformedAnswerError"),
    "a NUL in a value": ([read, HEAD + b"A: \0\r\n\r\n"], "MalformedAnswerError"),
    "a folded header": ([read, HEAD + b"A: b\r\n c\r\n\r\n"], "MalformedAnswerError"),
    "a line feed alone": ([read, b"HTTP/1.1 200 OK\nA: b\n\nhi"], "MalformedAnswerError"),
    # Too large.
    "a header for ever": ([read, HEAD + b"A: ", flood(b"x" * 1000)], "HeadersTooLargeError"),
    "headers for ever": ([read, HEAD, flood(b"A: b\r\n" * 100)], "HeadersTooLargeError"),
    "interim answers for ever": (
        [read, flood(b"HTTP/1.1 102 Processing\r\n\r\n" * 10)],
        "HeadersTooLargeError",
    ),
    "a body for ever": ([read, HEAD + b"\r\n", flood(b"x" * 10_000)], "BodyTooLargeError"),
    "chunks for ever": ([read, CHUNKED, flood(b"1\r\nx\r\n" * 1000)], "BodyTooLargeError"),
    "trailers for ever": ([read, CHUNKED + b"0\r\n", flood(b"A: b\r\n" * 99)], "BodyTooLargeError"),
    "a chunk extension for ever": ([read, CHUNKED + b"1;", flood(b"x" * 999)], "BodyTooLargeError"),
}
LIMITS = {"max_header_bytes": 16_384, "max_body_bytes": 300_000, "max_decoded_bytes": 100_000}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_a_failure_of_its_class(name: str, lean_client: LeanClient) -> None:
    """It counts once, does not raise, and the same user's next request is answered."""
    script, error = BAD[name]
    with ScriptedServer(script) as server:
        heard = lean_client(server.url, **LIMITS)
        answer = heard.client.post("/")  # of a method that is never repeated
        assert heard.errors == [error]
        assert answer.status_code == 0
        assert not answer.ok
        assert answer.error is heard.requests[0]["exception"]
        assert answer.content == b""
        assert heard.client.post("/").content == b"hi"
        assert heard.errors == [error, None]


GOOD: dict[str, tuple[Sequence[Step], bytes]] = {
    "interim answers": ([read, b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 3 + OK], b"hi"),
    "empty lines in front": ([read, b"\r\n\r\n" + OK], b"hi"),
    "one byte at a time": ([read, *(bytes([byte]) for byte in OK)], b"hi"),
    "no reason phrase": ([read, b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"], b"hi"),
    "a value that is not ASCII": ([read, HEAD + b"A: \xe4\r\nContent-Length: 2\r\n\r\nhi"], b"hi"),
    "chunks, an extension, a trailer": (
        [read, CHUNKED + b"1;a=b\r\nh\r\n1\r\ni\r\n0\r\nEtag: x\r\n\r\n"],
        b"hi",
    ),
    "thousands of tiny chunks": ([read, CHUNKED + b"1\r\nx\r\n" * 5000 + b"0\r\n\r\n"], b"x" * 5000),
    "a body until the close": ([read, HEAD + b"\r\nhello"], b"hello"),
    "HTTP/1.0": ([read, b"HTTP/1.0 200 OK\r\n\r\nhello"], b"hello"),
    "a close that is announced": ([read, HEAD + b"Connection: close\r\n\r\nhello"], b"hello"),
    "no content": ([read, b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
    "not modified, with a length": (
        [read, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"],
        b"",
    ),
    "garbage behind the answer": ([read, OK + b"garbage"], b"hi"),
    "another answer behind it": ([read, OK + OK, read, OK], b"hi"),
    "half an answer behind it": ([read, OK + b"HTTP/1.1 2", read, OK], b"hi"),
    "garbage behind a close": ([read, HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi!!"], b"hi"),
    "garbage a little later": ([read, OK, pause(0.02), b"garbage", pause(9)], b"hi"),
    "a switch of protocols": ([read, b"HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n\0\1"], b""),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_an_answer_that_is_whole_counts(name: str, lean_client: LeanClient) -> None:
    """What is odd but allowed is an answer; what comes behind it never meets the next request."""
    script, body = GOOD[name]
    with ScriptedServer(script) as server:
        heard = lean_client(server.url, **LIMITS)
        assert heard.client.get("/").content == body
        gevent.sleep(0.05)
        assert heard.client.post("/").content == b"hi"
        assert heard.errors == [None, None]
        assert server.accepted == 2 or "behind" not in name


GZIP, BROTLI = gzip.compress(b"x" * 1000), brotli.compress(b"x" * 1000)
UNDECODABLE = {
    "cut gzip": ("gzip", GZIP[:-9], "UndecodableBodyError"),
    "cut brotli": ("br", BROTLI[:-1], "UndecodableBodyError"),
    "no gzip": ("gzip", b"hello", "UndecodableBodyError"),
    "no brotli": ("br", b"hello", "UndecodableBodyError"),
    "a coding of its own": ("zip", b"hello", "UndecodableBodyError"),
    "a gzip bomb": ("gzip", gzip.compress(bytes(10**7)), "DecompressionBombError"),
    "a brotli bomb": ("br", brotli.compress(bytes(10**8)), "DecompressionBombError"),
    "a bomb in a bomb": (
        "gzip, gzip",
        gzip.compress(gzip.compress(bytes(10**8))),
        "DecompressionBombError",
    ),
}


@pytest.mark.parametrize("name", UNDECODABLE)
def test_a_body_that_cannot_be_decoded_fails_where_it_is_read(
    name: str, lean_client: LeanClient
) -> None:
    """In a with-block it is the request's failure and ends there."""
    coding, body, error = UNDECODABLE[name]
    head = f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with ScriptedServer([read, HEAD + head + body]) as server:
        heard = lean_client(server.url, **LIMITS)
        with heard.client.get("/", catch_response=True) as answer:
            assert answer.content, "this raises"
        assert heard.errors == [error]
        assert heard.client.get("/").ok


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from(
                [
                    HEAD,
                    OK,
                    CHUNKED,
                    b"\r\n",
                    b"Content-Length: 3\r\n",
                    b"Connection: close\r\n",
                    b"Content-Encoding: gzip\r\n",
                    b"Set-Cookie: a=b\r\n",
                    b"HTTP/1.1 100 Continue\r\n\r\n",
                    b"HTTP/1.1 302 Found\r\nLocation: http://\xff/\r\n\r\n",
                    b"3\r\nabc\r\n",
                    b"0\r\n\r\n",
                    b"\0",
                ]
            ),
            max_size=8,
        ).map(b"".join),
    ),
    st.sampled_from(["GET", "HEAD", "POST"]),
)
def test_any_bytes_are_an_answer_or_a_failure(
    lean_client: LeanClient, answer_bytes: bytes, method: str
) -> None:
    """Nothing that a server can say raises in a task or makes it wait."""
    script: list[Step] = [read, answer_bytes]
    with ScriptedServer(*[script] * 12) as server:
        heard = lean_client(server.url)
        answer = heard.client.request(method, "/", allow_redirects=True)
        assert len(heard.requests) == 1
        assert answer.status_code >= 100 or isinstance(answer.error, HttpError)
        dict(answer.headers)
        assert isinstance(answer.text if "gzip" not in str(answer.headers) else "", str)
