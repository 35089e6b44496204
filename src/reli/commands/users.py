"""``reli users``: the kinds of users that ship."""

from __future__ import annotations

import inspect

import click


@click.command()
def users() -> None:
    """List the kinds of users, each with its class and what it drives."""
    # Importing Locust patches the process; this command ends right after.
    from reli.users import KINDS  # noqa: PLC0415 -- Locust takes more than a second to import

    for name in KINDS:
        kind = KINDS.get(name)
        line = (inspect.getdoc(kind) or "").partition("\n")[0]
        click.echo(f"{name:12} reli.users.{kind.__name__}  {line}")
