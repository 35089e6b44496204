"""``agent:HOST:PORT``: what an agent of reli measures on another host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.address import Address, parse_address
from reli.sampling.agent_access import read_token, reader_context
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from reli.sampling.agent_source import AgentSource
    from reli.sampling.source import Surroundings


@dataclass(frozen=True)
class Agent:
    """Where an agent answers; token and TLS come from the environment, never from the text."""

    address: Address

    def open(self, surroundings: Surroundings) -> AgentSource:
        """Raises ``InputError`` for a token or a CA file of the environment that is none."""
        from reli.sampling.agent_source import AgentSource  # noqa: PLC0415 -- sockets, ssl

        return AgentSource(self.address, surroundings, read_token(), reader_context())


def _parse(argument: str) -> Agent:
    try:
        return Agent(parse_address(argument))
    except InputError as error:
        raise InputError(f'target "agent:{argument}": {error}') from None


SOURCES.register("agent", _parse)
