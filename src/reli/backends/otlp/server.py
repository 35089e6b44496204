"""The collector's HTTP side: just enough HTTP/1.1 for OTLP exporters, on loopback only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING

from reli.backends.otlp.modes import Ending, Mode, Reaction
from reli.backends.otlp.recent_ids import RecentIds
from reli.backends.otlp.wire import RefusedError, read_request, span_ids

if TYPE_CHECKING:
    from reli.backends.otlp.counters import SharedCounters

HOST = "127.0.0.1"
_SPAN_ID_BYTES = 8


class CollectorServer:
    """Reads requests, counts their spans and reacts as the mode says."""

    def __init__(self, mode: Mode, counters: SharedCounters) -> None:
        self._listening = mode.listening
        self._reactions = mode.reactions()
        self._counters = counters
        self._ids = RecentIds()
        self._server: asyncio.Server | None = None

    def bind(self, port: int) -> socket.socket:
        """Take a port (0: any free one); raises ``OSError`` when it is taken.

        Bound but not listening, it refuses connections and nobody else can have it.
        """
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        return listener

    async def start(self, listener: socket.socket) -> None:
        """Begin to serve; the counters' port says that it has begun."""
        if self._listening:
            self._server = await asyncio.start_server(self._serve, sock=listener)
        self._counters.add("port", listener.getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled means that the process is ending; asyncio would log it as an error (3.11).
        broken = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*broken):
            while await self._serve_one(reader, writer):
                pass
        writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; returns whether the connection can carry another."""
        try:
            request = await read_request(reader)
        except RefusedError as refusal:
            self._counters.add("requests")
            await self._answer(writer, refusal.status)
            return False
        if request is None:
            return False
        self._counters.add("requests")
        self._counters.add("received_bytes", len(request.body))
        try:
            ids = span_ids(request)
        except RefusedError as refusal:
            await self._answer(writer, refusal.status)
            return True
        return await self._react(next(self._reactions), ids, reader, writer)

    async def _react(
        self,
        reaction: Reaction,
        ids: list[bytes],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if reaction.delay_s:
            await asyncio.sleep(reaction.delay_s)
            if reader.at_eof():
                # The client counts this batch as failed; storing it would make both right.
                self._counters.add("unanswered")
                return False
        if reaction.store:
            self._store(ids)
        if reaction.ending is Ending.ANSWER:
            await self._answer(writer, reaction.status, reaction.retry_after_s)
            return True
        self._counters.add("unanswered")
        await _end_badly(reaction.ending, reader, writer)
        return False

    def _store(self, ids: list[bytes]) -> None:
        self._counters.add("records", len(ids))
        new = self._ids.count_new(span_id for span_id in ids if len(span_id) == _SPAN_ID_BYTES)
        self._counters.add("unique", new)

    async def _answer(
        self, writer: asyncio.StreamWriter, status: HTTPStatus, retry_after_s: float | None = None
    ) -> None:
        self._counters.add(f"status_{status // 100}xx")
        writer.write(_answer_head(status, 0, retry_after_s))
        await writer.drain()


def _answer_head(status: HTTPStatus, length: int, retry_after_s: float | None = None) -> bytes:
    """The head of an answer. An empty body is an empty ``ExportTraceServiceResponse``."""
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/x-protobuf",
        f"Content-Length: {length}",
    ]
    if retry_after_s is not None:
        lines.append(f"Retry-After: {retry_after_s:.0f}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _end_badly(
    ending: Ending, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if ending is Ending.HANG:
        await reader.read()  # until the client gives up
    elif ending is Ending.CUT_ANSWER:
        writer.write(_answer_head(HTTPStatus.OK, 100) + b"\0")
        await writer.drain()
    elif ending is Ending.RESET:
        # Closing with a linger time of zero sends RST instead of FIN.
        no_linger = struct.pack("ii", 1, 0)
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        writer.transport.abort()
