"""Serves pages over connections that are bounded in number, time and size.

A reader that is slow, or says nothing, keeps its own connection busy for a while and nothing else;
when there are as many as may be, the one that has been idle for longest makes room.
"""

from __future__ import annotations

import asyncio
import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from reli.agent.pages import OPEN_TO_ALL, Page
from reli.agent.requests import READING, RefusedError, read_request

if TYPE_CHECKING:
    from reli.agent.pages import Pages
    from reli.agent.requests import Request

MOST_CONNECTIONS = 32
_HEAD_WITHIN_S = 5.0
_IDLE_S = 75.0
_SENT_WITHIN_S = 20.0

_BROKEN = (OSError, EOFError, TimeoutError, asyncio.CancelledError)


class Connections:
    """Answers the requests of each connection, one after another."""

    def __init__(self, pages: Pages, token: str | None) -> None:
        self._pages = pages
        self._token = token
        self._idle: dict[asyncio.StreamWriter, None] = {}
        """Those that wait for a request, the longest idle first."""
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection to its end; whatever its other side does stays within it."""
        if not self._make_room():
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            # Cancelled means that the agent is ending; asyncio would log it as an error (3.11).
            with contextlib.suppress(*_BROKEN):
                while await self._serve_one(reader, writer):
                    pass
        finally:
            self._open.discard(writer)
            self._idle.pop(writer, None)
            writer.close()

    def _make_room(self) -> bool:
        if len(self._open) < MOST_CONNECTIONS:
            return True
        oldest = next(iter(self._idle), None)
        if oldest is None:
            return False
        del self._idle[oldest]
        self._open.discard(oldest)
        oldest.transport.abort()
        return True

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; returns whether the connection can carry another."""
        self._idle[writer] = None
        try:
            request = await read_request(reader, idle_s=_IDLE_S, within_s=_HEAD_WITHIN_S)
        except RefusedError as refusal:
            await self._send(writer, _refusal(refusal.status), keeps=False, has_body=True)
            return False
        finally:
            self._idle.pop(writer, None)
        if request is None:
            return False
        page = self._page(request)
        keeps = request.keeps and page.status is not HTTPStatus.UNAUTHORIZED
        await self._send(writer, page, keeps=keeps, has_body=request.method != "HEAD")
        return keeps

    def _page(self, request: Request) -> Page:
        is_open = request.target == OPEN_TO_ALL
        if self._token is not None and not is_open and not request.shows(self._token):
            return _refusal(HTTPStatus.UNAUTHORIZED)
        return self._pages.answer(request.target, takes_gzip=request.takes_gzip)

    async def _send(
        self, writer: asyncio.StreamWriter, page: Page, *, keeps: bool, has_body: bool
    ) -> None:
        writer.write(_head(page, keeps=keeps) + (page.content if has_body else b""))
        try:
            async with asyncio.timeout(_SENT_WITHIN_S):
                await writer.drain()
        except TimeoutError:
            writer.transport.abort()
            raise


def _refusal(status: HTTPStatus) -> Page:
    return Page(status, f"{status.phrase}\n".encode())


def _head(page: Page, *, keeps: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {page.status.value} {page.status.phrase}",
        f"Content-Type: {page.media_type}",
        f"Content-Length: {len(page.content)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        f"Connection: {'keep-alive' if keeps else 'close'}",
    ]
    if page.packed:
        lines.append("Content-Encoding: gzip")
    if page.status is HTTPStatus.METHOD_NOT_ALLOWED:
        lines.append(f"Allow: {', '.join(READING)}")
    if page.status is HTTPStatus.UNAUTHORIZED:
        lines.append("WWW-Authenticate: Bearer")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
