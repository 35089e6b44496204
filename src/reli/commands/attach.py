"""``reli attach``: adds a target to a record that is running."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reli_analysis.errors import InputError, RecordError

if TYPE_CHECKING:
    from reli_analysis.record import RunInfo

_RUNS = Path("runs")
_LONGEST_WAIT_S = 10.0
_LOOK_EVERY_S = 0.05


@click.command()
@click.argument("target")
@click.option(
    "--run",
    "directory",
    type=Path,
    metavar="DIR",
    help="The record to add it to (default: the newest below ./runs that is running).",
)
def attach(target: str, directory: Path | None) -> None:
    """Add TARGET to a record that is running, of a load or of sampling alone.

    A bare number is a process id; otherwise a target is written as in a profile.

    \b
    reli attach 1234
    reli attach name:redis-server --run runs/soak-20261121T080000Z
    """  # noqa: D301 -- \b is click's mark for lines to keep
    from reli.recorder.attach import as_target  # noqa: PLC0415 -- help must answer at once
    from reli.sampling import parse_target  # noqa: PLC0415 -- as above

    text = as_target(target)
    parse_target(text)
    directory, info = _running(directory) if directory else _newest_running(_RUNS)
    if text == "self" and not info.load:
        raise InputError('target "self" is Locust\'s own processes, and this record has no load')
    _ask(directory, info, text)
    click.echo(f"{text} is sampled from now on in {directory}")


def _ask(directory: Path, info: RunInfo, target: str) -> None:
    """Leave the request and wait for its answer; raises ``ReliError`` unless it is met."""
    from reli.recorder.attach import ask, take_answer  # noqa: PLC0415 -- help must answer at once

    try:
        answer = ask(directory, target)
    except OSError as error:
        raise RecordError(f"{directory} cannot be written to: {error.strerror}") from None
    wait_s = _LONGEST_WAIT_S + 2 * info.interval_s
    until_s = time.monotonic() + wait_s
    while (refused := take_answer(answer)) is None:
        if time.monotonic() > until_s:
            _running(directory)
            raise RecordError(f"the recorder of {directory} did not answer within {wait_s:.0f} s")
        time.sleep(_LOOK_EVERY_S)
    if refused:
        raise InputError(refused)


def _running(directory: Path) -> tuple[Path, RunInfo]:
    """A record that is running; raises ``RecordError`` for any other directory."""
    from reli_analysis.record.checked import read_checked_info  # noqa: PLC0415 -- help must answer at once
    from reli_analysis.record.liveness import is_alive  # noqa: PLC0415 -- as above

    info = read_checked_info(directory)
    if info.state != "running":
        raise RecordError(f"{directory} is not running any more: it is {info.state}")
    if not is_alive(info.recorder):
        raise RecordError(f"{directory} is not running any more: its recorder is gone")
    return directory, info


def _newest_running(runs: Path) -> tuple[Path, RunInfo]:
    """The record below a directory that began last of those that are running."""
    found = []
    for path in runs.glob("*/run.json"):
        try:
            found.append(_running(path.parent))
        except RecordError:
            continue
    if not found:
        raise RecordError(f"no record is running below ./{runs}; name one with --run")
    return max(found, key=lambda one: one[1].started_wall_s)
