"""What a request came to: an answer, or the error that stands for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

from locust.exception import (
    CatchResponseError,
    InterruptTaskSet,
    LocustError,
    RescheduleTask,
    RescheduleTaskImmediately,
    ResponseError,
    StopTest,
    StopUser,
)

from reli.http.decoding import decode
from reli.http.errors import HttpError
from reli.http.headers import Headers, final_head

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from reli.http.framing import AnswerReader
    from reli.http.request import Target

LOCUST_CONTROL = (InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser)
_NO_BLOCK = "pass catch_response=True and use a with-block to decide on a request yourself"


class Response:
    """The answer to a request; headers and body are read when they are asked for.

    ``status_code`` is 0 and ``error`` says why when there was no whole answer; with a status of
    400 or more, ``error`` is a ``BadStatusError``. ``url`` is where the answer came from, after
    any redirects, ``elapsed_s`` the seconds from the request's start to its last byte, and
    ``wire_body`` the body as it came, still encoded.
    """

    __slots__ = (
        "_content",
        "_headers",
        "_max_decoded_bytes",
        "_raw",
        "_target",
        "elapsed_s",
        "error",
        "status_code",
        "wire_body",
    )

    def __init__(
        self, target: Target, answer: AnswerReader | None, max_decoded_bytes: int = 0
    ) -> None:
        """Of an answer that is whole, or of none; ``error`` and ``elapsed_s`` are set next."""
        self._target = target
        if answer is None:
            self.status_code = 0
            self._raw = self.wire_body = b""
        else:
            self.status_code = answer.status
            self._raw = answer.raw
            self.wire_body = answer.body
        self._max_decoded_bytes = max_decoded_bytes
        self._headers: Headers | None = None
        self._content: bytes | None = None

    error: HttpError | None
    elapsed_s: float

    @property
    def method(self) -> str:
        return self._target.method

    @property
    def url(self) -> str:
        return self._target.url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status_code} {self.method} {self.url}>"

    @property
    def ok(self) -> bool:
        """Whether an answer came with a status below 400."""
        return 0 < self.status_code < 400

    @property
    def headers(self) -> Headers:
        """The fields of the answer, by name in any case."""
        if self._headers is None:
            self._headers = Headers(final_head(self._raw)) if self._raw else Headers()
        return self._headers

    @property
    def content(self) -> bytes:
        """The body, decoded; empty when there was no answer.

        Raises ``UndecodableBodyError`` or ``DecompressionBombError``; within a with-block of
        ``catch_response`` that makes the request a failure and ends there.
        """
        if self._content is None:
            coding = self.headers.get("content-encoding", "") if self.wire_body else ""
            self._content = (
                decode(self.wire_body, coding, self._max_decoded_bytes)
                if coding
                else self.wire_body
            )
        return self._content

    @property
    def text(self) -> str:
        """The body as text, in the charset of ``Content-Type``, or else in UTF-8."""
        _, _, rest = self.headers.get("content-type", "").lower().partition("charset=")
        charset = rest.partition(";")[0].strip(" \"'") or "utf-8"
        try:
            return self.content.decode(charset, errors="replace")
        except LookupError:
            return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON; raises ``ValueError`` when it is none."""
        return json.loads(self.content)

    def raise_for_status(self) -> None:
        """Raise the error that this request ended in, if it did."""
        if self.error is not None:
            raise self.error

    def __enter__(self) -> Self:
        """Only with ``catch_response``."""
        raise LocustError(_NO_BLOCK)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        """Only with ``catch_response``."""

    def success(self) -> None:
        """Only within a with-block."""
        raise LocustError(_NO_BLOCK)

    def failure(self, reason: object) -> None:
        """Only within a with-block."""
        raise LocustError(f"{_NO_BLOCK} (failure: {reason})")


class CaughtResponse(Response):
    """A response whose request is counted when its with-block ends, as the block decided."""

    __slots__ = ("_decided", "_entered", "_report", "_verdict")

    _report: Callable[[CaughtResponse, Exception | None], None]

    def hold(self, report: Callable[[CaughtResponse, Exception | None], None]) -> None:
        """Have ``report`` called with the verdict when the with-block ends."""
        self._report = report
        self._entered = self._decided = False
        self._verdict: Exception | None = None

    def __enter__(self) -> Self:
        self._entered = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Report, whatever happened; an error of this client or a ``ResponseError`` ends here."""
        if self._decided:
            verdict = self._verdict
        elif isinstance(raised, Exception) and not isinstance(raised, LOCUST_CONTROL):
            verdict = raised
        else:
            verdict = self.error
        self._report(self, verdict)
        return isinstance(raised, HttpError | ResponseError)

    def success(self) -> None:
        """Count the request as good, whatever its status or error."""
        self._decide(None)

    def failure(self, reason: object) -> None:
        """Count the request as a failure; ``reason`` is an exception or a text."""
        self._decide(reason if isinstance(reason, Exception) else CatchResponseError(reason))

    def _decide(self, verdict: Exception | None) -> None:
        if not self._entered:
            raise LocustError(_NO_BLOCK)
        self._decided = True
        self._verdict = verdict
