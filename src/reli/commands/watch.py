"""``reli watch``: a run as it goes on, in a terminal."""

from __future__ import annotations

import io
import os
import select
import shutil
import sys
import termios
import time
import tty
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reli_analysis.errors import RecordError
from reli_analysis.record.checked import read_checked_info
from reli_analysis.record.layout import RUN_JSON
from reli_analysis.record.liveness import is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType
    from rich.live import Live

    from reli.live.follow import Follower

    Pressed = Callable[[float], str]

_QUIET_S = 15.0
"""A record that has not grown for so long may have lost its recorder."""

_VERDICT_WAIT_S = 20.0
_PROGRESS_EVERY_S = 0.5


@click.command(short_help="Show a run while it goes on.")
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--once", is_flag=True, help="Print one frame and exit, as without a terminal.")
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to look.",
)
def watch(run: Path | None, once: bool, every_s: float) -> int:
    """Show the record RUN while it grows; the newest one below ./runs by default.

    Rates, percentiles and what each target takes, with the whole run as a small chart beside each;
    budgets as they stand; events. It ends with the run, or at "q". A finished record is shown as it
    ended.

    \b
    reli watch
    reli watch runs/soak-20261121T101500Z
    reli watch --once runs/soak-20261121T101500Z
    """  # noqa: D301 -- \b is click's mark for lines to keep
    from reli.live.follow import Follower  # noqa: PLC0415 -- --help answers at once

    follower = Follower(run or _newest(Path("runs")))
    if once or not (sys.stdout.isatty() and sys.stdin.isatty()):
        _print_once(follower)
    else:
        _watch(follower, every_s)
    return 0


def _newest(parent: Path) -> Path:
    """The record below a directory that began last."""
    started: list[tuple[float, Path]] = []
    for path in parent.glob(f"*/{RUN_JSON}"):
        with suppress(RecordError):
            started.append((read_checked_info(path.parent).started_wall_s, path.parent))
    if not started:
        raise RecordError(f"there is no run record below {parent}; name one: reli watch DIRECTORY")
    return max(started)[1]


def _print_once(follower: Follower) -> None:
    while follower.read():
        pass
    _note_a_lost_recorder(follower)
    width = shutil.get_terminal_size((100, 24)).columns
    console = _console(width)
    console.print(_frame(follower, console, height=None))


def _watch(follower: Follower, every_s: float) -> None:
    from rich.live import Live  # noqa: PLC0415 -- --help answers at once

    console = _console()
    with _keys() as pressed, Live(console=console, screen=True, auto_refresh=False) as live:
        if _read_all(follower, live, pressed) == "q":
            return
        ended_s: float | None = None
        while True:
            live.update(_frame(follower, console, height=console.height), refresh=True)
            if pressed(every_s) == "q":
                break
            while follower.read():
                pass
            _note_a_lost_recorder(follower)
            if follower.run.info.state != "running":
                # The analysis follows the end of a run; it may also never come.
                ended_s = ended_s or time.monotonic()
                if follower.verdict() or time.monotonic() - ended_s > _VERDICT_WAIT_S:
                    break
    console.print(_frame(follower, console, height=None))


def _read_all(follower: Follower, live: Live, pressed: Pressed) -> str:
    """Read what there is, and say how far that is; returns the key that was pressed."""
    from rich.text import Text  # noqa: PLC0415 -- --help answers at once

    shown_s = time.monotonic()
    while follower.read():
        if time.monotonic() - shown_s > _PROGRESS_EVERY_S:
            shown_s = time.monotonic()
            share = follower.share_read
            live.update(Text(f"reading the record: {share:.0%}"), refresh=True)
            if (key := pressed(0)) == "q":
                return key
    return ""


def _note_a_lost_recorder(follower: Follower) -> None:
    """A record that says ``running`` and does not grow may have lost the process that writes it."""
    info = follower.run.info
    if info.state != "running" or follower.quiet_s < max(_QUIET_S, 3 * info.interval_s):
        return
    if not is_alive(info.recorder):
        reason = "the recorder ended without closing the record"
        follower.run.change_info(replace(info, state="lost", state_reason=reason))


def _console(width: int | None = None) -> Console:
    from rich.console import Console  # noqa: PLC0415 -- --help answers at once

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    # Neither markup nor emoji: names in a record are anything.
    return Console(width=width, markup=False, emoji=False, highlight=False)


def _frame(follower: Follower, console: Console, height: int | None) -> RenderableType:
    from reli.live.frame import frame  # noqa: PLC0415 -- --help answers at once
    from reli.live.spark import BLOCKS, PLAIN  # noqa: PLC0415 -- as above

    return frame(
        follower.run,
        verdict=follower.verdict(),
        width=console.width,
        height=height,
        characters=BLOCKS if console.encoding.startswith("utf") else PLAIN,
    )


@contextmanager
def _keys() -> Iterator[Pressed]:
    """A function that waits for a key for some seconds: at most, and it returns "" then."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def pressed(timeout_s: float) -> str:
        readable, _, _ = select.select([descriptor], [], [], timeout_s)
        return os.read(descriptor, 1).decode("ascii", "replace") if readable else ""

    tty.setcbreak(descriptor)
    try:
        yield pressed
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
