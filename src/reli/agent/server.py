"""``serve``: samples targets and answers readers until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING

from reli.agent.connections import MOST_CONNECTIONS, Connections
from reli.agent.history import History
from reli.agent.measuring import Measuring
from reli.agent.pages import Pages
from reli.agent.requests import MOST_HEAD_BYTES
from reli.agent.settings import warning
from reli.clock import RunClock
from reli.sampling import parse_target
from reli.sampling.address import Address, parse_address
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from reli.agent.settings import TlsFiles

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TLS_WITHIN_S = 5.0


def serve(  # noqa: PLR0913 -- what a command line offers, by keyword
    targets: Sequence[str],
    address: str,
    *,
    interval_s: float = 1.0,
    memory_map_every_s: float = 60.0,
    token: str | None = None,
    tls: TlsFiles | None = None,
    for_s: float | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Measure ``targets`` each ``interval_s`` and serve them at ``address`` (``HOST:PORT``).

    Returns after SIGINT, SIGTERM, SIGHUP or ``for_s`` seconds; call it in the main thread. ``say``
    gets a line for a person: where it listens, and a warning when others may read it. Raises
    ``InputError`` for a target or an address that makes no sense or cannot be had.
    """
    where = parse_address(address, lowest_port=0)
    for text in targets:
        parse_target(text)
        if text == "self":
            raise InputError('target "self" is Locust\'s own processes, and an agent runs none')
    context = tls.context() if tls else None
    if said := warning(where, token, tls):
        say(f"reli: warning: {said}")
    history = History()
    measuring = Measuring(targets, RunClock.begin(interval_s), memory_map_every_s, history)
    connections = Connections(Pages(measuring, history), token)
    asyncio.run(_serve(connections, measuring, where, context, for_s, say))


async def _serve(  # noqa: PLR0913, PLR0917 -- what serve has made, once
    connections: Connections,
    measuring: Measuring,
    where: Address,
    context: ssl.SSLContext | None,
    for_s: float | None,
    say: Callable[[str], None],
) -> None:
    server = await _listen(connections, where, context)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDS:
        # Who started us with nohup wants a closed terminal to go unheard.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, ended.set)
    port = server.sockets[0].getsockname()[1]
    scheme = "http" if context is None else "https"
    say(f"reli: serving at {scheme}://{Address(where.host, port)}/metrics; Ctrl-C ends it")
    stop = threading.Event()
    sampling = asyncio.create_task(asyncio.to_thread(measuring.run, stop))
    waiting = asyncio.create_task(ended.wait())
    try:
        # Sampling ends by itself only with an error, and then so does the agent.
        await asyncio.wait({sampling, waiting}, timeout=for_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        server.close()
        waiting.cancel()
        await sampling


async def _listen(
    connections: Connections, where: Address, context: ssl.SSLContext | None
) -> asyncio.Server:
    options = {"ssl_handshake_timeout": _TLS_WITHIN_S} if context else {}
    try:
        return await asyncio.start_server(
            connections.serve,
            where.host,
            where.port,
            limit=MOST_HEAD_BYTES,
            backlog=MOST_CONNECTIONS,
            ssl=context,
            **options,
        )
    except OSError as error:
        # asyncio puts a sentence of its own around the reason; a name that is not known has none.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise InputError(
            f"nothing can listen at {where}: {reason}; choose another address"
        ) from None
