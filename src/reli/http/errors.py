"""What can go wrong with a request; each class is a failure of its own in the statistics.

HttpError                         the base: a request that did not end in a good answer
+-- ConnectError                  no connection: refused, unreachable, name not known, no port left
|   +-- ConnectTimeoutError       no connection, or no TLS session, within connect_timeout_s
|   +-- TlsError                  the TLS session or the server's certificate was refused
+-- FirstByteTimeoutError         connected and sent, but no byte of an answer came in time
+-- AnswerTimeoutError            the whole answer was not there within answer_timeout_s
+-- ConnectionClosedError         closed or reset before the first byte of an answer
+-- TruncatedAnswerError          closed or reset in the middle of an answer
+-- MalformedAnswerError          not HTTP/1.x, or HTTP that contradicts itself
|   +-- HeadersTooLargeError      the head of the answer is larger than max_header_bytes
+-- BodyTooLargeError             the body is larger than max_body_bytes
+-- UndecodableBodyError          the body is not in the coding that Content-Encoding names
|   +-- DecompressionBombError    the decoded body is larger than max_decoded_bytes
+-- BadRedirectError              a redirect that cannot be followed
|   +-- TooManyRedirectsError     more than max_redirects of them
+-- BadStatusError                a whole answer with a status of 400 or more

Texts hold nothing that differs from request to request, so that failures count by their kind.
"""

from __future__ import annotations


class HttpError(Exception):
    """The base of every failure of a request."""


class ConnectError(HttpError):
    """No connection: refused, unreachable, a name that is not known, no local port left."""


class ConnectTimeoutError(ConnectError):
    """No connection, or no TLS session, within ``connect_timeout_s``."""


class TlsError(ConnectError):
    """The TLS session or the server's certificate was refused."""


class FirstByteTimeoutError(HttpError):
    """The request was sent, and no byte of an answer came within ``first_byte_timeout_s``."""


class AnswerTimeoutError(HttpError):
    """The whole answer was not there within ``answer_timeout_s`` of the request's start."""


class ConnectionClosedError(HttpError):
    """The connection was closed or reset before the first byte of an answer.

    ``sent_bytes`` is how much of the request the system had taken by then.
    """

    def __init__(self, text: str, sent_bytes: int = 0) -> None:
        super().__init__(text)
        self.sent_bytes = sent_bytes


class TruncatedAnswerError(HttpError):
    """The connection was closed or reset in the middle of an answer."""


class MalformedAnswerError(HttpError):
    """The answer is not HTTP/1.x, or contradicts itself."""


class HeadersTooLargeError(MalformedAnswerError):
    """The head of the answer, interim answers included, is larger than ``max_header_bytes``."""


class BodyTooLargeError(HttpError):
    """The body, as it came over the wire, is larger than ``max_body_bytes``."""


class UndecodableBodyError(HttpError):
    """The body is not in the coding that its ``Content-Encoding`` names."""


class DecompressionBombError(UndecodableBodyError):
    """The decoded body is larger than ``max_decoded_bytes``."""


class BadRedirectError(HttpError):
    """A redirect that cannot be followed: its place is missing or no URL."""


class TooManyRedirectsError(BadRedirectError):
    """More than ``max_redirects`` redirects, one after another."""


class BadStatusError(HttpError):
    """A whole answer with a status of 400 or more; ``status_code`` holds it."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code
