"""Python: garbage, a cache with a cap, a list that is kept: always, late, across restarts."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from real_programs.case import FDS, RSS, Case
from real_programs.http_client import HttpClient

from support.servers import Server

LATE_S = 300.0


class Python(Server):
    """``program.py`` in one of its modes."""

    def __init__(self, home: Path, mode: str) -> None:
        super().__init__(home)
        self._mode = mode

    def command(self) -> list[str]:
        program = str(Path(__file__).with_name("program.py"))
        return [sys.executable, program, self._mode, str(self.port), str(LATE_S)]


def _python(mode: str) -> partial[Python]:
    return partial(Python, mode=mode)


CASES = (
    Case("Python", "garbage", _python("garbage"), HttpClient),
    Case("Python", "a cache that fills to its cap", _python("cache"), HttpClient),
    Case("Python", "a list kept", _python("list"), HttpClient, RSS),
    Case("Python", "a list kept from the middle on", _python("late"), HttpClient, RSS, LATE_S),
    Case("Python", "a list kept, restarted", _python("list"), HttpClient, RSS, restarts=(0.5,)),
    Case("Python", "healthy, restarted", _python("garbage"), HttpClient, restarts=(0.35, 0.7)),
    Case("Python", "files that are never closed", _python("files"), HttpClient, FDS),
)
