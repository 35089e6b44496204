"""The body of a request as bytes, with the fields that describe it."""

from __future__ import annotations

import json as json_format
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

Body = bytes | bytearray | memoryview | str | Mapping[str, Any] | Iterable[bytes] | None

_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
_JSON = (("Content-Type", "application/json"), ("Accept", "application/json"))


@dataclass(frozen=True, slots=True)
class EncodedBody:
    """The bytes of a body, the fields that describe it, and whether it goes in chunks."""

    content: bytes
    fields: tuple[tuple[str, str], ...] = ()
    chunked: bool = False


NO_BODY = EncodedBody(b"")


def encode_body(data: Body, json: Any) -> EncodedBody:
    """The body of a request; ``data`` goes before ``json``.

    Bytes go as they are, a text as UTF-8, a mapping as a form, and an iterable of bytes in chunks,
    one each; it is read to its end first. Raises ``TypeError`` for anything else.
    """
    if data is None:
        if json is None:
            return NO_BODY
        return EncodedBody(json_format.dumps(json).encode(), _JSON)
    if isinstance(data, str):
        return EncodedBody(data.encode())
    if isinstance(data, bytes | bytearray | memoryview):
        return EncodedBody(bytes(data))
    if isinstance(data, Mapping):
        return EncodedBody(urlencode(data, doseq=True).encode(), _FORM)
    if not isinstance(data, Iterable):
        raise TypeError(f"a body must be bytes, text, a mapping or chunks, not {data!r}")
    return EncodedBody(b"".join(map(_chunk, data)) + b"0\r\n\r\n", chunked=True)


def _chunk(part: object) -> bytes:
    if not isinstance(part, bytes | bytearray | memoryview):
        raise TypeError(f"a chunk of a body must be bytes, not {type(part).__name__}")
    content = bytes(part)
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""
