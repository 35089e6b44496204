"""What a command's help shows to be pasted stands in lines of its own."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from reli.cli import COMMANDS, cli


@pytest.mark.parametrize("arguments", [(name,) for name in COMMANDS] + [("profile", "describe")])
def test_no_mark_of_the_formatter_is_shown(arguments: tuple[str, ...]) -> None:
    r"""The help has no literal \b, which click would have taken for its mark."""
    output = CliRunner().invoke(cli, [*arguments, "--help"]).output
    assert "Usage" in output
    assert "\\b" not in output
