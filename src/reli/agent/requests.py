"""Reads a request for the agent: its first line and its fields, and nothing that follows them."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_HEAD_BYTES = 8192
READING = ("GET", "HEAD")


class RefusedError(Exception):
    """A request that is answered with a status and the end of the connection."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A request as it came; names of fields are in lower case."""

    method: str
    target: str
    fields: Mapping[str, str]
    keeps: bool

    @property
    def takes_gzip(self) -> bool:
        """Whether the answer may be compressed; a refusal by a weight of 0 is not looked for."""
        return "gzip" in self.fields.get("accept-encoding", "").lower()

    def shows(self, token: str) -> bool:
        """Whether it carries the token; how long that takes does not depend on what it carries."""
        scheme, _, shown = self.fields.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(
            shown.strip().encode("utf-8", "replace"), token.encode()
        )


async def read_request(
    reader: asyncio.StreamReader, *, idle_s: float, within_s: float
) -> Request | None:
    """The next request of a connection, or ``None`` at its end.

    Waits ``idle_s`` for it to begin, and from then on ``within_s`` for its head. Raises
    ``RefusedError``, or ``TimeoutError`` when it does not begin.
    """
    async with asyncio.timeout(idle_s):
        first = await reader.read(1)
    if not first:
        return None
    if not first.isalpha():
        raise RefusedError(HTTPStatus.BAD_REQUEST)  # TLS, most likely: let it be told at once
    try:
        async with asyncio.timeout(within_s):
            rest = await reader.readuntil(b"\r\n\r\n")
    except TimeoutError:
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT) from None
    except asyncio.LimitOverrunError:
        raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from None
    except asyncio.IncompleteReadError:
        return None
    return parse_head((first + rest).decode("latin-1"))


def parse_head(text: str) -> Request:
    """A head with its empty line; raises ``RefusedError`` when it is none, or has a body."""
    first, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[1].startswith("/") or parts[2] not in {"HTTP/1.0", "HTTP/1.1"}:
        raise RefusedError(HTTPStatus.BAD_REQUEST)
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise RefusedError(HTTPStatus.BAD_REQUEST)
        fields[name.lower()] = value.strip()
    if parts[0] not in READING:
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED)
    if "transfer-encoding" in fields or fields.get("content-length", "0") != "0":
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    asked = fields.get("connection", "").lower()
    keeps = "close" not in asked if parts[2] == "HTTP/1.1" else "keep-alive" in asked
    return Request(parts[0], parts[1], fields, keeps)
