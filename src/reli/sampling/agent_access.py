"""How an agent and its readers know each other: a token, and a certificate authority."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from reli_analysis.errors import InputError

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

TOKEN_VARIABLE = "RELI_AGENT_TOKEN"  # noqa: S105 -- the name of the variable, no token
_TOKEN = re.compile(r"[\x21-\x7e]{8,4096}")
_WHAT_A_TOKEN_IS = "a token is 8 to 4,096 printable ASCII characters without a space"  # noqa: S105 -- a sentence
CA_VARIABLE = "RELI_AGENT_CA"
SYSTEM = "system"
"""What ``RELI_AGENT_CA`` says when the system's own store vouches for the agent."""


def read_token(path: Path | None = None) -> str | None:
    """The token that readers have to show: of a file, else of ``RELI_AGENT_TOKEN``, else none.

    Raises ``InputError`` when the file cannot be read, or for what is no token.
    """
    if path is None:
        text, where = os.environ.get(TOKEN_VARIABLE, ""), TOKEN_VARIABLE
        if not text:
            return None
    else:
        where = str(path)
        try:
            text = path.read_text(encoding="ascii")
        except OSError as error:
            raise InputError(f"the token file {path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            text = ""
    text = text.strip()
    if not _TOKEN.fullmatch(text):
        raise InputError(f"{where} holds no token; {_WHAT_A_TOKEN_IS}")
    return text


def reader_context() -> ssl.SSLContext | None:
    """What readers speak TLS with: ``None`` (plain HTTP) unless ``RELI_AGENT_CA`` is set.

    Raises ``InputError`` when the file that it names holds no certificates.
    """
    named = os.environ.get(CA_VARIABLE, "").strip()
    if not named:
        return None
    from reli.http.tls import make_context  # noqa: PLC0415 -- ssl is heavy

    try:
        return make_context(insecure=False, ca_bundle=None if named == SYSTEM else named)
    except ValueError:
        raise InputError(
            f'{CA_VARIABLE} names "{named}", which cannot be read as PEM certificates; '
            f'write the path of such a file, or "{SYSTEM}"'
        ) from None
