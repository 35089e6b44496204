"""One line of live progress on standard error: rewritten on a terminal, else a line now and then."""

from __future__ import annotations

import shutil
import sys

from reli_analysis.visible import one_line, shorten

_EVERY_S = 10


class StatusLine:
    """Shows how things are, at the pace that suits where it is shown."""

    def __init__(self, interval_s: float) -> None:
        self._rewrites = sys.stderr.isatty()
        self._every = 1 if self._rewrites else max(1, round(_EVERY_S / interval_s))

    def is_due(self, index: int) -> bool:
        """Whether the line is to be shown after an interval."""
        return (index + 1) % self._every == 0

    def show(self, text: str) -> None:
        """Put a text in the line's place. A line that is wrapped could not be rewritten."""
        if self._rewrites:
            width = shutil.get_terminal_size().columns
            _print(f"\r\x1b[2K{shorten(one_line(text), width - 1)}")
        else:
            _print(f"{one_line(text)}\n")

    def close(self) -> None:
        if self._rewrites:
            _print("\r\x1b[2K")


def _print(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        # The terminal is gone; the record is what matters.
        return
