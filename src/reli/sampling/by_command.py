"""``cmd:REGEX``: every process whose command line matches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from reli.sampling.matching import Matching, tell_what_is_hidden
from reli.sampling.pattern import Pattern, pattern
from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.sampling.proc.parse import Stat
    from reli.sampling.source import Surroundings

_OWN_PROGRAMS = frozenset({"reli", "reli-analyze", "locust"})


@dataclass(frozen=True)
class ByCommand:
    """The processes whose command line, its words with a space between them, holds a match.

    A command of reli or Locust names its targets on its own command line, and so does the shell
    that started it: neither is ever one.
    """

    pattern: Pattern

    def open(self, surroundings: Surroundings) -> Processes:
        subject = f"cmd:{self.pattern.text}"
        tell_what_is_hidden(surroundings, subject)
        table = surroundings.processes

        def matches(stat: Stat) -> bool:
            command = table.command(stat.pid)
            return not is_own(command) and self.pattern.is_in(" ".join(command))

        matching = Matching(table, matches)

        def find() -> set[int]:
            own = chain(
                surroundings.own_pids(), surroundings.generator_pids(), surroundings.load_pids()
            )
            return set(matching()) - table.above(own)

        return Processes(surroundings, find, subject)


def is_own(command: Sequence[str]) -> bool:
    """Whether a command line is one of reli's or Locust's, or there is none."""
    programs = {word.rpartition("/")[2] for word in command[:2]}
    return (
        not any(command)
        or not programs.isdisjoint(_OWN_PROGRAMS)
        or package_of(command) in _OWN_PROGRAMS
    )


def package_of(command: Sequence[str]) -> str:
    """The package whose module is run with ``python -m``; empty when none is."""
    module = command[command.index("-m") + 1 :][:1] if "-m" in command[:4] else []
    return module[0].partition(".")[0] if module else ""


def _parse(argument: str) -> ByCommand:
    if not argument:
        raise InputError('target "cmd" needs a regular expression, for example cmd:gunicorn.*api')
    try:
        return ByCommand(pattern(argument))
    except InputError as error:
        raise InputError(
            f'target "cmd:{argument}" is no regular expression: {error}; '
            "for example cmd:gunicorn.*api"
        ) from None


SOURCES.register("cmd", _parse)
