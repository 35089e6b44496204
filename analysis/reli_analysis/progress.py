"""How far a long reading has got, said on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_FIRST_TERMINAL_S, _EVERY_TERMINAL_S = 1.0, 0.2
_FIRST_LOG_S, _EVERY_LOG_S = 5.0, 5.0
_LONGEST = 78
_FEW = 0.05
"""Below this share of the work nothing is said of how long the rest will take."""


class ConsoleProgress:
    """One line that is rewritten at a terminal, elsewhere a line every 5 s.

    Short work stays silent: nothing is said in the first second, or the first five. It is the
    ``Progress`` of readers; ``close`` takes the line away before anything else is printed.
    """

    def __init__(
        self,
        what: str,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = one_line(what)
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._terminal = self._stream is not None and self._stream.isatty()
        self._began_s = clock()
        self._next_s = self._began_s + (_FIRST_TERMINAL_S if self._terminal else _FIRST_LOG_S)
        self._drawn = False

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        now_s = self._clock()
        if now_s < self._next_s:
            return
        self._next_s = now_s + (_EVERY_TERMINAL_S if self._terminal else _EVERY_LOG_S)
        self._say(self._line(done_bytes, total_bytes, now_s - self._began_s))

    def then(self, what: str) -> None:
        """Say what follows, if the work was long enough for a word so far."""
        self._what = one_line(what)
        if self._clock() >= self._next_s or self._drawn:
            self._say(self._what)

    def close(self) -> None:
        """Take away what stands at the terminal."""
        if self._drawn:
            self._write("\r\x1b[K")
            self._drawn = False

    def _line(self, done_bytes: int, total_bytes: int, took_s: float) -> str:
        if total_bytes <= 0:
            return f"{self._what}: {took_s:.0f} s so far"
        share = min(1.0, max(0.0, done_bytes / total_bytes))
        line = f"{self._what}: {share:.0%}"
        if share >= _FEW:
            line += f", about {took_s * (1 - share) / share:.0f} s to go"
        return line

    def _say(self, line: str) -> None:
        if self._terminal:
            self._write(f"\r\x1b[K{shorten(line, _LONGEST)}")
            self._drawn = True
        else:
            self._write(f"reli-analyze: {line}\n")

    def _write(self, text: str) -> None:
        try:
            if self._stream is not None:
                self._stream.write(text)
                self._stream.flush()
        except (OSError, ValueError):
            self._next_s = float("inf")  # nobody is left to hear it
