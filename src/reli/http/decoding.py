"""Bodies in a content coding, decoded in bounds."""

from __future__ import annotations

import zlib

import brotli  # type: ignore[import-untyped]  # it ships no types

from reli.http.errors import DecompressionBombError, UndecodableBodyError

_MOST_CODINGS = 3
_STEP_BYTES = 65536
_GZIP, _ZLIB, _RAW_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS


def decode(body: bytes, codings: str, most_bytes: int) -> bytes:
    """The body without the codings that ``Content-Encoding`` names, the last one first.

    Raises ``UndecodableBodyError`` when it is broken, cut off or in a coding that is not known,
    ``DecompressionBombError`` when it would become more than ``most_bytes``.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    wanted = [name for name in reversed(names) if name not in ("", "identity")]
    if len(wanted) > _MOST_CODINGS:
        raise UndecodableBodyError(f"more than {_MOST_CODINGS} codings")
    for name in wanted:
        if not body:
            break
        body = _decode_one(body, name, most_bytes)
    return body


def _decode_one(body: bytes, coding: str, most_bytes: int) -> bytes:
    match coding:
        case "gzip" | "x-gzip":
            return _inflate(body, _GZIP, most_bytes)
        case "deflate":
            # Some servers leave the header of the format away.
            has_header = body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflate(body, _ZLIB if has_header else _RAW_DEFLATE, most_bytes)
        case "br":
            return _unbrotli(body, most_bytes)
        case _:
            raise UndecodableBodyError("unknown coding")


def _inflate(body: bytes, window_bits: int, most_bytes: int) -> bytes:
    """Members of gzip may follow one another."""
    decoded = bytearray()
    while body:
        member = zlib.decompressobj(window_bits)
        while not member.eof:
            try:
                part = member.decompress(body, _STEP_BYTES)
            except zlib.error:
                raise UndecodableBodyError("broken") from None
            body = member.unused_data if member.eof else member.unconsumed_tail
            if not part and not body and not member.eof:
                raise UndecodableBodyError("cut off")
            _add(decoded, part, most_bytes)
        if window_bits != _GZIP:
            break
    return bytes(decoded)


def _unbrotli(body: bytes, most_bytes: int) -> bytes:
    decoded = bytearray()
    decompressor = brotli.Decompressor()
    data = body
    while not decompressor.is_finished():
        try:
            part = decompressor.process(data, output_buffer_limit=_STEP_BYTES)
        except brotli.error:
            raise UndecodableBodyError("broken") from None
        data = b""
        if not part and decompressor.can_accept_more_data() and not decompressor.is_finished():
            raise UndecodableBodyError("cut off")
        _add(decoded, part, most_bytes)
    return bytes(decoded)


def _add(decoded: bytearray, part: bytes, most_bytes: int) -> None:
    if len(decoded) + len(part) > most_bytes:
        raise DecompressionBombError(f"more than {most_bytes:,} bytes")
    decoded += part
