"""A real nginx on loopback, with a directory of its own, for as long as a block lasts."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log warn;
events {{ worker_connections 2048; }}
http {{
    log_format requests '$connection $connection_requests $request_method $uri $status';
    access_log {home}/access.log requests;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    keepalive_requests 1000000000;
    {http}
    server {{
        listen 127.0.0.1:{port}{listen};
        root {home}/files;
        {server}
    }}
}}
"""


def find_nginx() -> str:
    """The program; installed from Debian's packages when it is missing and we may.

    Raises ``FileNotFoundError`` that says what to install.
    """
    where = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
    if shutil.which("nginx", path=where) is None and shutil.which("apt-get"):
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "nginx-light"],
            env={"DEBIAN_FRONTEND": "noninteractive", "PATH": f"{where}:/bin:/sbin"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=100,
            check=False,
        )
    found = shutil.which("nginx", path=where)
    if found is None:
        raise FileNotFoundError("there is no nginx; install it: apt-get install nginx-light")
    return found


@dataclass
class Nginx:
    """Serves ``files/`` below ``home``; ``server`` and ``http`` go into its configuration."""

    home: Path
    server: str = ""
    http: str = ""
    tls: bool = False
    port: int = field(init=False)

    def __enter__(self) -> Self:
        (self.home / "files").mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        text = CONFIGURATION.format(
            # Its worker would be another user, who may not look into our directories.
            user="user root;" if os.geteuid() == 0 else "",
            home=self.home,
            port=self.port,
            listen=" ssl" if self.tls else "",
            server=self.server,
            http=self.http,
        )
        (self.home / "nginx.conf").write_text(text)
        with (self.home / "start.log").open("wb") as log:
            self._process = subprocess.Popen(
                [find_nginx(), "-p", str(self.home), "-c", "nginx.conf"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()
        return self

    def __exit__(self, *_others: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def requests(self, count: int) -> list[tuple[str, int, str]]:
        """What was asked: the connection's number, which of its requests it was, and what.

        It waits until there are ``count`` of them, because nginx writes after it has answered.
        """
        deadline = time.monotonic() + 10
        lines: list[str] = []
        while len(lines) < count and time.monotonic() < deadline:
            time.sleep(0.01)
            lines = (self.home / "access.log").read_text().splitlines()
        parts = [line.split(" ", 2) for line in lines]
        return [(connection, int(number), what) for connection, number, what in parts]

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with socket.socket() as knocking:
                if knocking.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        self._process.kill()
        self._process.wait()
        raise RuntimeError(f"nginx did not start: {(self.home / 'start.log').read_text()}")
