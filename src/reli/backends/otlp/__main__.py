"""``python -m reli.backends.otlp``: the collector as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys

from reli.backends.otlp.counters import SharedCounters
from reli.backends.otlp.modes import parse_mode
from reli.backends.otlp.server import HOST, CollectorServer
from reli.backends.otlp.wire import PATHS
from reli_analysis.errors import ReliError
from reli_analysis.verdict import EXIT_USAGE

_PARENT_CHECK_S = 1.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reli.backends.otlp",
        description="A loopback OTLP/HTTP collector that counts spans until it is interrupted.",
        epilog="example: python -m reli.backends.otlp --mode flaky:20%% --port 4318",
    )
    parser.add_argument("--mode", default="ok", help="ok, slow:3s, down, status:429:60s, ...")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--counters-fd", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


async def _stop_when_orphaned(parent: int, stopped: asyncio.Event) -> None:
    """Set ``stopped`` once the parent has closed our standard input or is no longer our parent.

    The input ends at once with the parent, however it dies, unless another of its children holds
    the other end; then the look at the parent's id finds it.
    """

    def on_input() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            stopped.set()

    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), on_input)
    while os.getppid() == parent:  # noqa: ASYNC110 -- no event tells of a parent's death
        await asyncio.sleep(_PARENT_CHECK_S)
    stopped.set()


async def _serve_child(server: CollectorServer, parent: int) -> None:
    stopped = asyncio.Event()
    watch = asyncio.create_task(_stop_when_orphaned(parent, stopped))
    with server.bind(0) as listener:
        await server.start(listener)
        await stopped.wait()
    watch.cancel()


async def _serve_by_hand(server: CollectorServer, port: int) -> None:
    with server.bind(port) as listener:
        await server.start(listener)
        endpoint = f"http://{HOST}:{listener.getsockname()[1]}{PATHS[0]}"
        sys.stdout.write(f"collecting at {endpoint}; Ctrl-C ends it\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def _run_by_hand(mode: str, port: int) -> int:
    counters = SharedCounters(os.memfd_create("collector-counters"))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve_by_hand(CollectorServer(parse_mode(mode), counters), port))
    except ReliError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"port {port} cannot be used: {error}\n")
        return EXIT_USAGE
    sys.stdout.write(f"{counters.read()}\n")
    return 0


def main() -> int:
    arguments = _arguments()
    if arguments.parent is None:
        return _run_by_hand(arguments.mode, arguments.port)
    counters = SharedCounters(arguments.counters_fd)
    server = CollectorServer(parse_mode(arguments.mode), counters)
    asyncio.run(_serve_child(server, arguments.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
