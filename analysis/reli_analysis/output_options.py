"""The options by which every command of ``reli-analyze`` says where its report goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("text", "json", "junit", "markdown")
"""What standard output can show; ``html`` is a file."""


def output_options(printed: str, directory: str) -> Callable[[Any], Any]:
    """Add ``--format``, ``--html`` and ``--output`` to a command.

    ``printed`` and ``directory`` are the help of the first and the last.
    """
    options = (
        click.option(
            "--format",
            "format_",
            type=click.Choice(FORMATS),
            default="text",
            show_default=True,
            help=printed,
        ),
        click.option(
            "--html", type=Path, metavar="FILE", help="Also write the report as one HTML file."
        ),
        click.option("-o", "--output", type=Path, metavar="DIR", help=directory),
    )

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add
