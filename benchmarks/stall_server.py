"""A service that stands still on a fixed schedule: what it answers, and when, is known beforehand.

Each request is answered a fixed time after it was begun. It is begun when it comes, except during
a stall: then at the stall's end. All moments are on CLOCK_MONOTONIC.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\nhello world\n"
_END_OF_REQUEST = b"\r\n\r\n"


@dataclass(frozen=True)
class Stalls:
    """From ``first_s`` on, ``length_s`` in every ``every_s``."""

    first_s: float
    length_s: float
    every_s: float

    def begun_s(self, came_s: float) -> float:
        """When a request that comes at a moment is begun."""
        since_s = (came_s - self.first_s) % self.every_s
        stalled = came_s >= self.first_s and since_s < self.length_s
        return came_s - since_s + self.length_s if stalled else came_s


class _Connection(asyncio.Protocol):
    """Answers requests without a body; a client waits for an answer before it sends the next."""

    def __init__(self, stalls: Stalls, service_s: float) -> None:
        self._stalls = stalls
        self._service_s = service_s
        self._received = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received.endswith(_END_OF_REQUEST):
            return
        self._received = b""
        now_s = self._loop.time()
        due_s = self._stalls.begun_s(now_s) + self._service_s
        if due_s > now_s:
            self._loop.call_at(due_s, self._transport.write, ANSWER)
        else:
            self._transport.write(ANSWER)


async def _serve(stalls: Stalls, service_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Connection(stalls, service_s), "127.0.0.1", 0, backlog=1024
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    """Serve until it is terminated; the port is the one line on standard output."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=float, required=True, help="first stall, monotonic seconds")
    parser.add_argument("--length", type=float, default=3.0, help="of a stall, seconds")
    parser.add_argument("--every", type=float, default=30.0, help="from stall to stall, seconds")
    parser.add_argument("--service", type=float, default=0.0, help="time of an answer, seconds")
    arguments = parser.parse_args()
    stalls = Stalls(arguments.first, arguments.length, arguments.every)
    asyncio.run(_serve(stalls, arguments.service))


if __name__ == "__main__":
    main()
