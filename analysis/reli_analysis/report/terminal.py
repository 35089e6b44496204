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
    from rich.table import Table

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


def say_verdict(console: Console, verdict: str, sentence: str) -> None:
    """The first line: the verdict in its colour, and why."""
    from rich.text import Text  # noqa: PLC0415 -- as above

    console.print(Text.assemble((verdict, STYLES[verdict]), f"  {sentence}"), soft_wrap=True)


def grid() -> Table:
    """A table without a header, for labels and lists."""
    from rich.table import Table  # noqa: PLC0415 -- as above

    return Table(box=None, show_header=False, show_edge=False, padding=(0, 2, 0, 0))


def verdict_table() -> Table:
    """A table with a header, whose first column will hold verdicts."""
    from rich.table import Table  # noqa: PLC0415 -- as above

    return Table(box=None, show_edge=False, padding=(0, 2, 0, 0), header_style="dim")


def table_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Rows of a verdict, a name and numbers; the sixth column, an interval, may be wrapped."""
    from rich.text import Text  # noqa: PLC0415 -- as above

    table = verdict_table()
    table.add_column(f"  {header[0]}", no_wrap=True)
    table.add_column(header[1], overflow="fold", ratio=1)
    for name in header[2:]:
        table.add_column(name, justify="right", no_wrap=name != header[5])
    for word, *others in rows:
        table.add_row(Text(f"  {word}", STYLES[word]), *map(Text, others))
    return table


def bullets(
    console: Console,
    title: str,
    items: Sequence[str],
    *,
    more: int = 0,
    most: int | None = _MOST_LISTED,
) -> None:
    """A titled list of sentences; ``more`` further ones, and those past ``most``, are counted."""
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not items:
        return
    shown = items[:most]
    more = max(0, more) + len(items) - len(shown)
    lines = grid()
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for item in shown:
        lines.add_row("  -", Text(one_line(item)))
    if more:
        lines.add_row("  -", f"and {more:,} more")
    console.print()
    console.print(f"  {title}", style="dim")
    console.print(lines)
