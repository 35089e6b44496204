"""An agent as a process of its own, that a test may stop, kill and start again."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

_PATIENCE_S = 30.0


class AgentProcess:
    """``reli sample TARGET... --serve``, on the same port each time."""

    def __init__(
        self,
        home: Path,
        *targets: str,
        every: str = "0.1s",
        host: str = "127.0.0.1",
        options: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, 0), family=family) as free:
            self.port = int(free.getsockname()[1])
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.log = home / "agent.log"
        self._command = [
            sys.executable, "-c", "from reli.cli import main; main()", "sample", *targets,
            "--every", every, "--serve", self.address, *options,
        ]  # fmt: skip
        self._environment = {**os.environ, **(environment or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_others: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGKILL)
            self.process.wait()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stderr=log, env=self._environment
            )
        deadline = time.monotonic() + _PATIENCE_S
        while not self._listens():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _listens(self) -> bool:
        host = self.address.rpartition(":")[0].strip("[]")
        try:
            socket.create_connection((host, self.port), 1).close()
        except OSError:
            return False
        return True

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def get(
        self,
        target: str,
        *,
        token: str | None = None,
        method: str = "GET",
        context: ssl.SSLContext | None = None,
    ) -> tuple[int, str]:
        """Status and text of an answer."""
        scheme = "http" if context is None else "https"
        request = urllib.request.Request(f"{scheme}://{self.address}{target}", method=method)
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
