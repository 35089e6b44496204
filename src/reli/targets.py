"""How many targets one record may have, wherever they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TARGETS = 100
"""A sample of all of them has to end within its interval."""


def check_count(targets: Sequence[str]) -> None:
    """Raises ``InputError`` for more than one record may have."""
    if len(targets) > MOST_TARGETS:
        raise InputError(
            f"{len(targets)} targets are too many: a sample has time for {MOST_TARGETS}; one target "
            "such as cmd:REGEX, cgroup:PATH or host takes many processes in"
        )
