"""``reli profile``: describe, check and list load profiles."""

from __future__ import annotations

import json
import shutil
import sys

import click

from reli.profile import load_profile, parse_rate_per_s
from reli.profile.chart import BLOCKS, PLAIN
from reli.profile.describe import describe, one_line
from reli.profile.document import json_schema
from reli.profile.find import profiles_in, search_path, shown
from reli_analysis.errors import ProfileError, ReliError
from reli_analysis.verdict import EXIT_USAGE


@click.group()
def profile() -> None:
    """Describe, check and list load profiles.

    A profile is given by its name ("smoke", "tracer/smoke") or by the path of its file.
    """


@profile.command("describe")
@click.argument("name")
@click.option("--base-rate", metavar="RATE", help="What 100 % means, for example 200/s.")
@click.option(
    "--time-scale",
    type=float,
    default=1.0,
    metavar="FACTOR",
    help="Shorten every stage, for example 0.05.",
)
def describe_command(name: str, base_rate: str | None, time_scale: float) -> None:
    """Say what the profile NAME would do, and for how long.

    \b
    reli profile describe soak
    reli profile describe tracer/burst --base-rate 500/s --time-scale 0.05
    """  # noqa: D301 -- \b is click's mark for lines to keep
    base_rate_per_s = None if base_rate is None else parse_rate_per_s(base_rate)
    found = load_profile(name, base_rate_per_s=base_rate_per_s, time_scale=time_scale)
    width = shutil.get_terminal_size().columns
    click.echo(describe(found, width, _characters()))


def _characters() -> str:
    """What the chart is drawn with: blocks, unless the output's encoding has none."""
    try:
        BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return BLOCKS


@profile.command("check", short_help="Validate files, and tell every problem of each.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check_command(files: tuple[str, ...]) -> int:
    """Validate each FILE (or name) and tell every problem; exit with 2 if there is one."""
    wrong = 0
    for file in files:
        try:
            load_profile(file)
        except ReliError as error:
            wrong += 1
            click.echo(str(error), err=True)
        else:
            click.echo(f"{file}: ok")
    return EXIT_USAGE if wrong else 0


@profile.command("list")
def list_command() -> None:
    """List the profiles that can be named, with how long each takes."""
    seen: set[str] = set()
    for directory in search_path():
        for name, path in profiles_in(directory):
            if name not in seen:
                seen.add(name)
                click.echo(f"{name}\n    {_line(str(path))}\n    {shown(path)}")


def _line(path: str) -> str:
    try:
        return one_line(load_profile(path))
    except ProfileError as error:
        return f'has {len(error.problems)} problems; "reli profile check" tells them'


@profile.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a profile, for editors."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
