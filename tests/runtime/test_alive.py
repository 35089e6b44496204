"""The image's health check: whether what runs in a container is at work."""

from __future__ import annotations

import contextlib
import http.server
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from reli.alive import alive
from support.compose import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Refusing(http.server.BaseHTTPRequestHandler):
    status = 401

    def do_GET(self) -> None:
        self.send_error(self.status)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class _Failing(_Refusing):
    status = 503


@contextlib.contextmanager
def _serving(handler: type[_Refusing]) -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_who_serves_is_asked() -> None:
    """A run or an agent that answers is at work, also when it wants a token."""
    with _serving(_Refusing) as port:
        well, why = alive([port], free_ports(1)[0])
    assert (well, why) == (True, f"port {port} answers HTTP/1.0 401 Unauthorized")


def test_who_says_that_it_fails_is_not_at_work() -> None:
    """An agent that no longer measures answers 503."""
    with _serving(_Failing) as port:
        well, why = alive([port], free_ports(1)[0])
    assert (well, why) == (False, f"port {port} answers HTTP/1.0 503 Service Unavailable")


def test_who_hangs_is_not_at_work() -> None:
    """A port that takes connections and says nothing is a process that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert alive([port], free_ports(1)[0]) == (False, f"port {port} answers nothing")


def test_a_worker_is_at_work_while_it_has_a_master() -> None:
    """A connection to the master's port is all that a worker shows; without it there is nothing."""
    (unused,) = free_ports(1)
    with socket.create_server(("127.0.0.1", 0)) as master:
        port = master.getsockname()[1]
        assert alive([unused], port) == (True, "listens for workers")
        with socket.create_connection(("127.0.0.1", port)):
            assert alive([unused], port) == (True, "connected to the master")
    assert alive([unused], port) == (False, "serves nothing, and has no master")


def test_the_command_says_why_and_exits_with_the_answer() -> None:
    """Docker keeps the line and reads the exit code."""
    unused, master = free_ports(2)
    command = [sys.executable, "-m", "reli.alive", "--port", str(unused)]
    done = subprocess.run(
        [*command, "--master-port", str(master)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "serves nothing, and has no master\n")
