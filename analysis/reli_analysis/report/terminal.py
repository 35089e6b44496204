"""Where a text report goes, and how it is drawn there: width, colour, signs."""

from __future__ import annotations

import io
import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

_ASCII = str.maketrans(
    {"µ": "u", "μ": "u", "–": "-", "—": "-", "−": "-", "…": "...", "×": "x", "≤": "<=", "≥": ">="}
    | {"°": " deg", "·": "-", "→": "->", "±": "+/-", "“": '"', "”": '"', "‘": "'", "’": "'"}
)
NARROWEST = 60
_WIDTH_OF_A_LOG = 100
_MOST_LISTED = 12
STYLES = {
    "PASS": "bold green",
    "IMPROVED": "bold green",
    "WARN": "bold yellow",
    "FAIL": "bold red",
    "REGRESSED": "bold red",
    "INCONCLUSIVE": "bold yellow",
    "INVALID": "bold magenta",
}


@dataclass(frozen=True)
class Screen:
    """What standard output can show; ``width`` is in characters."""

    width: int
    color: bool
    ascii_only: bool


def screen() -> Screen:
    """At a terminal (or with FORCE_COLOR) colour, unless NO_COLOR is set; anywhere else plain ASCII."""
    environment = os.environ
    forced = bool(environment.get("FORCE_COLOR"))  # our output goes to a terminal by a detour
    terminal = forced or (sys.stdout is not None and sys.stdout.isatty())
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    fallback = (80 if terminal else _WIDTH_OF_A_LOG, 24)
    return Screen(
        width=max(shutil.get_terminal_size(fallback).columns, NARROWEST),
        color=terminal and wanted,
        ascii_only=not (terminal and encoding.startswith("utf")),
    )


def printed(on: Screen, draw: Callable[[Console], None]) -> str:
    """What ``draw`` prints, as lines without spaces at their ends."""
    from rich.console import Console  # noqa: PLC0415 -- --help must not pay for rich

    file = io.StringIO()
    console = Console(
        file=file,
        width=on.width,
        force_terminal=on.color,
        color_system="standard" if on.color else None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    draw(console)
    text = file.getvalue()
    lines = (text.translate(_ASCII) if on.ascii_only else text).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def bullets(console: Console, title: str, items: Sequence[str], more: int = 0) -> None:
    """A titled list of sentences; ``more`` further ones, and those past twelve, are counted."""
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not items:
        return
    shown = items[:_MOST_LISTED]
    more = max(0, more) + len(items) - len(shown)
    grid = Table(box=None, show_header=False, show_edge=False, padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for item in shown:
        grid.add_row("  -", Text(one_line(item)))
    if more:
        grid.add_row("  -", f"and {more:,} more")
    console.print()
    console.print(f"  {title}", style="dim")
    console.print(grid)
