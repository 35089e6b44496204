"""The command ``reli``. A subcommand's module is imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from reli_analysis.errors import ReliError
from reli_analysis.verdict import EXIT_INTERRUPTED, EXIT_USAGE

COMMANDS = {
    "attach": ("reli.commands.attach:attach", "Add a target to a record that is running."),
    "profile": ("reli.commands.profile:profile", "Describe, check and list load profiles."),
    "sample": ("reli.commands.sample:sample", "Sample targets without any load, or be an agent."),
    "users": ("reli.commands.users:users", "List the kinds of users that ship."),
    "watch": ("reli.commands.watch:watch", "Show a run while it goes on."),
}
"""Where each subcommand lies, and its line in the help."""


class LazyGroup(click.Group):
    """A group that knows its subcommands' names and lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    try:
        click.echo(f"reli {version('reli')}")
    except PackageNotFoundError:
        click.echo("reli, run from its source without being installed")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Drive a service with a load profile, and say what can be believed about it."""


def run(command: click.Command, arguments: list[str] | None = None) -> int:
    """Run a command; its exit code, with one sentence on stderr for what the user can mend."""
    try:
        code = command.main(arguments, standalone_mode=False)
    except ReliError as error:
        click.echo(f"{error}", err=True)
        return EXIT_USAGE
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except click.Abort:
        return EXIT_INTERRUPTED
    return code if isinstance(code, int) else 0


def main() -> None:
    """The entry point."""
    sys.exit(run(cli))
