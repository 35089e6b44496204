"""OTLP export requests as they come over HTTP/1.1: read, checked and decoded."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass
from http import HTTPStatus

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATHS = ("/v1/traces", "/otel/v1/traces")
"""Where spans are posted: the standard path, and that of judgeval."""

LARGEST_BODY_BYTES = 64 * 2**20
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class RefusedError(Exception):
    """A request that is answered with an error status whatever the mode."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read a request; ``None`` at the end of the connection.

    After a ``RefusedError`` nobody knows where the request ends, so the connection must close.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    except asyncio.IncompleteReadError:
        return None
    first, *rest = head.decode("latin-1").split("\r\n")
    try:
        method, path, _version = first.split(" ")
    except ValueError:
        raise RefusedError(HTTPStatus.BAD_REQUEST) from None
    pairs = (line.partition(":") for line in rest if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = headers.get("content-length", "0" if method == "GET" else "")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(HTTPStatus.LENGTH_REQUIRED)
    if len(length) > 12 or int(length) > LARGEST_BODY_BYTES:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return Request(method, path, headers, await reader.readexactly(int(length)))


def span_ids(request: Request) -> list[bytes]:
    """The span ids of an export request, in order and with repeats."""
    if request.path not in PATHS:
        raise RefusedError(HTTPStatus.NOT_FOUND)
    if request.method != "POST":
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED)
    if not request.headers.get("content-type", "").startswith("application/x-protobuf"):
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        message = ExportTraceServiceRequest.FromString(_decompressed(request))
    except DecodeError:
        raise RefusedError(HTTPStatus.BAD_REQUEST) from None
    return [
        span.span_id
        for resource_spans in message.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]


def _decompressed(request: Request) -> bytes:
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return request.body
    if encoding not in ("gzip", "deflate"):
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        content = decompressor.decompress(request.body, LARGEST_BODY_BYTES)
    except zlib.error:
        raise RefusedError(HTTPStatus.BAD_REQUEST) from None
    if not decompressor.eof:
        whole = not decompressor.unconsumed_tail
        raise RefusedError(HTTPStatus.BAD_REQUEST if whole else HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return content
