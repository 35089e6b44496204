"""Header fields of a request as bytes; nothing in them can begin another header or request."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OURS = {"content-length", "transfer-encoding"}


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields ready to send; ``names`` are in lower case."""

    encoded: bytes
    names: frozenset[str]
    closes: bool


NO_FIELDS = Fields(b"", frozenset(), closes=False)


def encode_fields(items: Iterable[tuple[str, str]]) -> Fields:
    """Encode header fields.

    Raises ``ValueError`` for a name or a value that would not stay one field, and for those that
    follow from the body.
    """
    encoded = b""
    names = set()
    closes = False
    for name, value in items:
        lower = check_token(name, "header name").lower()
        if lower in _OURS:
            raise ValueError(f"the header {name} follows from the body; leave it away")
        if not isinstance(value, str) or not _VALUE.fullmatch(value):
            raise ValueError(
                f"the value of the header {name} must be a text of one line "
                f"without control characters; this is {value!r}"
            )
        encoded += f"{name}: {value}\r\n".encode("latin-1")
        names.add(lower)
        closes = closes or (lower == "connection" and "close" in value.lower())
    return Fields(encoded, frozenset(names), closes)


def check_token(text: str, what: str) -> str:
    """The text itself when it is an HTTP token; raises ``ValueError`` else."""
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise ValueError(f"{text!r} is not a {what}")
    return text


def basic_auth(user: str, password: str) -> str:
    """The value of ``Authorization`` for a user and a password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
