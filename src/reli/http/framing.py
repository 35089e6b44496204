"""Where an answer ends: httptools' parser, and the cases that it leaves to its caller.

Pure: bytes go in, an answer comes out; nothing in here waits.
"""

from __future__ import annotations

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from reli.http.errors import (
    BodyTooLargeError,
    ConnectionClosedError,
    HeadersTooLargeError,
    MalformedAnswerError,
    TruncatedAnswerError,
)
from reli.http.headers import Headers, final_head, head_end

_MOST_PARTS = 64


class AnswerReader:
    """Reads the answers of one connection, one after another.

    ``feed`` is given what came and tells whether the answer is whole; then ``status``, ``raw``
    (the head, and perhaps more behind it) and ``body`` hold it, and ``reusable`` tells whether
    another request may follow on the connection.
    """

    __slots__ = (
        "_begun",
        "_head_end",
        "_head_only",
        "_max_body_bytes",
        "_max_header_bytes",
        "_parser",
        "_parts",
        "_spilled",
        "_suspect_bytes",
        "body",
        "on_body",
        "raw",
        "received_bytes",
        "reusable",
        "status",
        "whole",
    )

    def __init__(self, max_header_bytes: int, max_body_bytes: int) -> None:
        self._max_header_bytes = max_header_bytes
        self._max_body_bytes = max_body_bytes
        self._suspect_bytes = min(max_header_bytes, max_body_bytes)
        self._parts: list[bytes] = []
        self._spilled = bytearray()
        self.on_body = self._parts.append  # called by the parser, as are the two methods on_...
        self._parser = HttpResponseParser(self)
        self.begin("GET")

    def begin(self, method: str) -> None:
        """A request goes out; its answer is what comes next."""
        self.whole = self.reusable = False
        self.received_bytes = self._begun = self.status = 0
        self._head_end = -1
        self._head_only = method == "HEAD"

    def on_message_begin(self) -> None:
        self._begun += 1

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._begun -= 1  # an interim answer: the final one follows
        elif not self.whole:
            # It must be asked now: the parser forgets when this returns.
            self.reusable = self._parser.should_keep_alive()
            self.status = status
            self.whole = True
            self._join()

    def _join(self) -> None:
        parts = self._parts
        if len(parts) == 1 and not self._spilled:
            self.body = parts.pop()
        else:
            self._spill()
            self.body = bytes(self._spilled)
            self._spilled.clear()

    def feed(self, data: bytes) -> bool:
        """Take what came; whether the answer is whole now.

        ``data`` is empty at the end of the stream. Raises ``ConnectionClosedError`` or
        ``TruncatedAnswerError`` when that is too early, ``MalformedAnswerError``,
        ``HeadersTooLargeError``, ``BodyTooLargeError``.
        """
        if not data:
            return self._end()
        if not self.received_bytes:
            self.raw = data
        elif self._head_end < 0:
            self.raw += data
        self.received_bytes += len(data)
        if self._head_only:
            return self._feed_head()
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.reusable = False
        except HttpParserError as error:
            self._refuse(error)
        if self._begun > 1:
            self.reusable = False  # bytes behind the answer that nobody asked for
        if not self.whole or self.received_bytes > self._suspect_bytes:
            self._check_sizes()
        if self.whole and self.status < 100:
            raise MalformedAnswerError("Invalid status code")
        return self.whole

    def _refuse(self, error: HttpParserError) -> None:
        """Surplus that is no HTTP ends the connection; the answer before it was whole."""
        if not self.whole:
            raise MalformedAnswerError(str(error)) from None
        self.reusable = False

    def _feed_head(self) -> bool:
        """The answer to HEAD has no body, whatever it says of its length; the parser cannot know.

        So a parser of its own sees the head and no more.
        """
        self._check_sizes()
        if self._head_end < 0:
            # It would be told of garbage only when the limit is reached.
            if not b"HTTP/1.".startswith(self.raw.lstrip(b"\r\n")[:7]):
                raise MalformedAnswerError("Expected HTTP/")
            return False
        checked = AnswerReader(self._max_header_bytes, self._max_body_bytes)
        checked.feed(self.raw[: self._head_end])
        head = final_head(self.raw)
        asked = Headers(head).get("connection", "").lower()
        keeps = "close" not in asked and (head.startswith(b"HTTP/1.1") or "keep-alive" in asked)
        self.reusable = keeps and self._head_end == len(self.raw)
        return self._complete(head)

    def _complete(self, head: bytes) -> bool:
        """Without the parser's word for it."""
        self.status = int(head.split(b" ", 2)[1][:3])
        self.whole = True
        self._join()
        return True

    def _check_sizes(self) -> None:
        """Called when an answer is large or comes in pieces."""
        if self._head_end < 0:
            self._head_end = head_end(self.raw)
        head_bytes = self._head_end if self._head_end >= 0 else len(self.raw)
        if head_bytes > self._max_header_bytes:
            raise HeadersTooLargeError(f"more than {self._max_header_bytes:,} bytes")
        if self.received_bytes - head_bytes > self._max_body_bytes:
            raise BodyTooLargeError(f"more than {self._max_body_bytes:,} bytes")
        if len(self._parts) > _MOST_PARTS and not self.whole:
            self._spill()

    def _spill(self) -> None:
        """A body in tiny chunks would take many times its size as objects."""
        self._spilled += b"".join(self._parts)
        self._parts.clear()

    def _end(self) -> bool:
        """The stream has ended: that is how a body without a length ends."""
        if not self.received_bytes:
            raise ConnectionClosedError("closed before an answer")
        if self._head_end < 0:
            self._head_end = head_end(self.raw)
        if self._head_end < 0:
            raise TruncatedAnswerError("closed within the head")
        head = final_head(self.raw)
        headers = Headers(head)
        coding = headers.get("transfer-encoding", "").rpartition(",")[2].strip().lower()
        if "content-length" in headers or coding == "chunked":
            raise TruncatedAnswerError("closed within the body")
        self.reusable = False
        return self._complete(head)
