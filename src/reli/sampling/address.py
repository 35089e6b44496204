"""``HOST:PORT``, as the agent is told where to listen and its reader where to ask."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from reli_analysis.errors import InputError

AGENT_PORT = 9646
_LABEL = "[A-Za-z0-9_-]{1,63}"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?!-){_LABEL}(\.{_LABEL})*\.?")


@dataclass(frozen=True)
class Address:
    """A host by its name or IP address, and a TCP port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str, *, lowest_port: int = 1) -> Address:
    """Read ``HOST:PORT``; an IPv6 address stands in brackets.

    Raises ``InputError`` with a sentence when it is anything else.
    """
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if ":" in host and not bracketed:
        raise InputError(
            f'"{text}" is no address; put an IPv6 address in brackets, for example [::1]:{AGENT_PORT}'
        )
    if not colon or not host:
        raise InputError(
            f'"{text}" is no address; write HOST:PORT, for example 127.0.0.1:{AGENT_PORT}'
        )
    if not (port.isascii() and port.isdecimal()) or not lowest_port <= int(port[:6]) <= 65535:
        raise InputError(f'"{text}" has no port from {lowest_port} to 65535 after its last colon')
    if bracketed:
        return Address(_ipv6(host[1:-1], text), int(port))
    if not _NAME.fullmatch(host):
        raise InputError(f'"{host}" in "{text}" is no name or address of a host')
    return Address(host, int(port))


def _ipv6(host: str, text: str) -> str:
    try:
        return str(ipaddress.IPv6Address(host))
    except ValueError:
        raise InputError(f'"{host}" in "{text}" is no IPv6 address') from None
