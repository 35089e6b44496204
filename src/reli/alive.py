"""Whether what runs in this container is at work: the health check of the image.

    python -m reli.alive

A run and an agent answer on a port of their own; a worker holds a connection to its master, and a
master that serves nothing listens for workers. It looks at the kernel's tables first, so that it
asks only whom it would find. Exit code 0 or 1, with one line.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SERVED = (9645, 9646, 8089)
"""``--metrics-port``, ``reli sample --serve`` and Locust's page, as the docs name them."""
MASTER = 5557
_PATIENCE_S = 3.0
_ESTABLISHED, _LISTEN = "01", "0A"


def _sockets() -> Iterator[tuple[str, int, int]]:
    """State, local port and remote port of each TCP socket of this network."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):  # no IPv6 here
            for line in Path(table).read_text().splitlines()[1:]:
                _, local, remote, state, *_ = line.split()
                yield state, int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16)


def _answer(port: int) -> str:
    """The first line that comes back over HTTP; empty when none does."""
    try:
        with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as asking:
            asking.settimeout(_PATIENCE_S)
            # An agent says here whether it still measures; others have nothing of that name.
            asking.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return asking.recv(100).decode("latin-1").partition("\r\n")[0]
    except OSError:
        return ""


def _is_well(answer: str) -> bool:
    """Whether a server's first line is no admission of failure; a refusal is none."""
    version, _, rest = answer.partition(" ")
    return version.startswith("HTTP/") and not rest.startswith("5")


def alive(served: Sequence[int] = SERVED, master: int = MASTER) -> tuple[bool, str]:
    """Whether it is at work, and what says so."""
    sockets = list(_sockets())
    listening = {local for state, local, _ in sockets if state == _LISTEN}
    for port in served:
        if port in listening:
            answer = _answer(port)
            return _is_well(answer), f"port {port} answers {answer or 'nothing'}"
    if any(state == _ESTABLISHED and remote == master for state, _, remote in sockets):
        return True, "connected to the master"
    if master in listening:
        return True, "listens for workers"
    return False, "serves nothing, and has no master"


def main(arguments: Sequence[str] | None = None) -> int:
    """The health check; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m reli.alive")
    parser.add_argument("--port", type=int, action="append", help="what may be served here")
    parser.add_argument("--master-port", type=int, default=MASTER, help="where the master listens")
    options = parser.parse_args(arguments)
    well, why = alive(options.port or SERVED, options.master_port)
    sys.stdout.write(f"{why}\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
