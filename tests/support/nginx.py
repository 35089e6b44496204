"""A real nginx on loopback, with a directory of its own, for as long as a block lasts."""

from __future__ import annotations

import os
import time
from pathlib import Path

from support.debian import find_program
from support.servers import Server

CONFIGURATION = """
{user}
daemon off;
worker_processes {workers};
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


class Nginx(Server):
    """Serves ``files/`` below ``home``; ``server`` and ``http`` go into its configuration."""

    def __init__(
        self, home: Path, server: str = "", http: str = "", *, tls: bool = False, workers: int = 1
    ) -> None:
        super().__init__(home)
        self._server = server
        self._http = http
        self._tls = tls
        self._workers = workers

    def prepare(self) -> None:
        (self.home / "files").mkdir(exist_ok=True)
        text = CONFIGURATION.format(
            # Its worker would be another user, who may not look into our directories.
            user="user root;" if os.geteuid() == 0 else "",
            workers=self._workers,
            home=self.home,
            port=self.port,
            listen=" ssl" if self._tls else "",
            server=self._server,
            http=self._http,
        )
        (self.home / "nginx.conf").write_text(text)

    def command(self) -> list[str]:
        return [find_program("nginx", "nginx-light"), "-p", str(self.home), "-c", "nginx.conf"]

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

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
