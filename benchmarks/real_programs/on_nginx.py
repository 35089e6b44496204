"""nginx: files, Lua that makes garbage, Lua that keeps it, connections that are never closed."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from real_programs.case import FDS, RSS, Case
from real_programs.http_client import HttpClient

from support.debian import find_program
from support.nginx import Nginx

if TYPE_CHECKING:
    from support.servers import Server

_MODULES = Path("/usr/lib/nginx/modules")
_ONE_IN = 10

_HTTP = "keepalive_timeout 1h;"
_LUA = """
location / {{ content_by_lua_block {{
    local kept = package.loaded.kept or {{ bytes = 0 }}
    package.loaded.kept = kept
    collectgarbage("setpause", 110)
    local garbage = {{}}
    for i = 1, 20 do garbage[i] = string.rep(tostring(math.random()), 20) end
    if {keeps} then
        local text = string.rep(tostring(math.random()), 250):sub(1, 4000)
        kept[#kept + 1] = text
        kept.bytes = kept.bytes + #text
    end
    ngx.say("ok")
}} }}
location /leaked {{ content_by_lua_block {{
    ngx.say(package.loaded.kept and package.loaded.kept.bytes or 0)
}} }}
"""


class LuaNginx(Nginx):
    """With the Lua module of Debian's libnginx-mod-http-lua."""

    def __init__(self, home: Path, *, keeps: bool) -> None:
        super().__init__(home, _LUA.format(keeps=str(keeps).lower()), _HTTP)

    def prepare(self) -> None:
        super().prepare()
        where = str(_MODULES)
        find_module("ngx_http_lua_module.so", "libnginx-mod-http-lua")
        loads = [
            f"load_module {where}/{name};"
            for name in ("ndk_http_module.so", "ngx_http_lua_module.so")
        ]
        file = self.home / "nginx.conf"
        file.write_text("\n".join([*loads, file.read_text()]))


def find_module(name: str, package: str) -> None:
    """Install it when it is missing; shared libraries are marked as programs are not."""
    if not (_MODULES / name).exists():
        find_program(name, package, str(_MODULES))


class HeldConnections(HttpClient):
    """One request in ten comes over a connection of its own that is never closed."""

    def __init__(self, server: Server) -> None:
        super().__init__(server, "/file", tells=False)
        self._port = server.port
        self._held: list[socket.socket] = []

    def ask(self, number: int) -> None:
        super().ask(number)
        if number % _ONE_IN == 0:
            held = socket.create_connection(("127.0.0.1", self._port), timeout=30)
            held.sendall(b"GET /file HTTP/1.1\r\nHost: x\r\n\r\n")
            held.recv(4096)
            self._held.append(held)

    def leaked(self) -> float:
        return len(self._held)


def _files(home: Path) -> Nginx:
    return Nginx(home, 'location / { return 200 "ok"; }', _HTTP)


def _healthy(server: Server) -> HttpClient:
    return HttpClient(server, tells=False)


CASES = (
    Case("nginx", "plain answers", _files, _healthy),
    Case("nginx", "Lua that makes garbage", lambda home: LuaNginx(home, keeps=False), HttpClient),
    Case(
        "nginx", "Lua that keeps a table", lambda home: LuaNginx(home, keeps=True), HttpClient, RSS
    ),
    Case("nginx", "connections that never close", _files, HeldConnections, FDS),
)
