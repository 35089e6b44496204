"""Node: garbage alone, buffers and objects that are kept, files that are never closed.

By default V8 takes minutes to give the young generation its size; with a small one for good, minutes
are enough to see what comes after. One healthy service has the default.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from real_programs.case import FDS, RSS, Case
from real_programs.http_client import HttpClient

from support.debian import find_program
from support.servers import Server

_SMALL_YOUNG = ("--max-semi-space-size=1",)


class Node(Server):
    """``program.js`` in one of its modes."""

    def __init__(self, home: Path, mode: str, options: tuple[str, ...] = _SMALL_YOUNG) -> None:
        super().__init__(home)
        self._mode = mode
        self._options = options

    def command(self) -> list[str]:
        program = str(Path(__file__).with_name("program.js"))
        node = find_program("node", "nodejs")
        return [node, *self._options, program, self._mode, str(self.port)]


def _node(mode: str) -> partial[Node]:
    return partial(Node, mode=mode)


CASES = (
    Case("Node", "garbage", _node("garbage"), HttpClient),
    Case("Node", "garbage, default heap", partial(Node, mode="garbage", options=()), HttpClient),
    Case("Node", "buffers kept", _node("buffers"), HttpClient, RSS),
    Case("Node", "objects kept", _node("objects"), HttpClient, RSS),
    Case("Node", "files that are never closed", _node("files"), HttpClient, FDS),
)
