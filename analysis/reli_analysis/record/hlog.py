"""``latency.hlog``: an HdrHistogram interval log (version 1.3, payload encoding V2).

Any HdrHistogram tool reads it. Values are **nanoseconds**, the unit that those tools assume when
they print milliseconds (their ``outputValueUnitRatio`` of 1,000,000): a tracer's span takes
80 us, of which whole microseconds would lose more than a percent.

Untagged rows hold all requests of one interval. Rows tagged ``r:TYPE NAME`` hold one endpoint;
rows tagged ``s:`` hold the service times of all requests, where they differ from the response
times. In the open model rows tagged ``i:start_delay``, ``i:service`` and ``i:response`` hold what
was measured of each iteration. A name in a tag is percent-encoded, because a tag ends at a comma.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from reli_analysis.errors import RecordError
from reli_analysis.record.histogram import HIGHEST_NS, LOWEST_NS, SIGNIFICANT_DIGITS, Histogram

if TYPE_CHECKING:
    from collections.abc import Mapping

_COOKIE_V2 = 0x1C849303 | 0x10
_COOKIE_COMPRESSED_V2 = 0x1C849304 | 0x10
_HEADER = struct.Struct(">IIIIQQd")
_ENVELOPE = struct.Struct(">II")

LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
SERVICE_TAG = "s:"
ITERATION_TAGS = {
    "start_delay": "i:start_delay",
    "service": "i:service",
    "response": "i:response",
}
"""Tags of what is measured of each iteration of the open model, by what it is."""


class HlogRow(NamedTuple):
    """One row: when it began (seconds since the run's start), how long, whose, and its counts."""

    start_s: float
    length_s: float
    tag: str
    payload: str


def endpoint_tag(request_type: str, name: str) -> str:
    """The tag of an endpoint's rows."""
    return "r:" + quote(f"{request_type} {name}", safe="/:{}()[]")


def endpoint_of(tag: str) -> str | None:
    """``"TYPE NAME"`` of an endpoint's tag, ``None`` for another."""
    return unquote(tag[2:]) if tag.startswith("r:") else None


def header(started_wall_s: float) -> str:
    """The lines that open a log; times in its rows are relative to ``started_wall_s``."""
    return (
        "#[Histogram log format version 1.3]\n"
        f"#[StartTime: {started_wall_s:.3f} (seconds since epoch)]\n"
        f"#[BaseTime: {started_wall_s:.3f} (seconds since epoch)]\n"
        "#[Values: nanoseconds]\n"
        f"{LEGEND}\n"
    )


def format_row(start_s: float, length_s: float, counts: Mapping[int, int], tag: str = "") -> str:
    """One line of the log, newline included; the maximum is in milliseconds, as tools expect."""
    histogram = Histogram(counts)
    maximum_ms = histogram.quantile_ms(1.0) or 0.0
    prefix = f"Tag={tag}," if tag else ""
    return f"{prefix}{start_s:.3f},{length_s:.3f},{maximum_ms:.6f},{encode(counts)}\n"


def parse_row(line: str) -> HlogRow | None:
    """Read one line; ``None`` for comments and the legend. Raises ``RecordError`` on others."""
    text = line.strip()
    if not text or text.startswith(("#", '"')):
        return None
    tag = ""
    if text.startswith("Tag="):
        tag, _, text = text[4:].partition(",")
    fields = text.split(",")
    try:
        start, length, _maximum, payload = fields
        return HlogRow(float(start), float(length), tag, payload)
    except ValueError:
        raise RecordError(
            f"not a row of an interval log (start,length,maximum,histogram): {line[:60]!r}"
        ) from None


def _varint(value: int) -> bytes:
    """ZigZag LEB128 of at most nine bytes, as HdrHistogram V2 defines it."""
    zigzag = (value << 1) ^ (value >> 63)
    out = bytearray()
    while zigzag > 0x7F:
        out.append((zigzag & 0x7F) | 0x80)
        zigzag >>= 7
    out.append(zigzag)
    return bytes(out)


def encode(counts: Mapping[int, int]) -> str:
    """Base64 of a compressed V2 histogram with these counts by bucket."""
    body = bytearray()
    position = 0
    for index in sorted(counts):
        if counts[index] <= 0:
            continue
        if index > position:
            body += _varint(position - index)  # a negative number is that many empty buckets
        body += _varint(counts[index])
        position = index + 1
    return compress(bytes(body))


def compress(body: bytes, level: int = 6) -> str:
    """The payload of counts that are already varints; ``level`` is that of zlib."""
    head = _HEADER.pack(_COOKIE_V2, len(body), 0, SIGNIFICANT_DIGITS, LOWEST_NS, HIGHEST_NS, 1.0)
    packed = zlib.compress(head + body, level)
    return base64.b64encode(_ENVELOPE.pack(_COOKIE_COMPRESSED_V2, len(packed)) + packed).decode()


def decompress(payload: str) -> bytes:
    """The counts of a payload, still as varints; raises ``RecordError`` when it is not ours."""
    try:
        raw = base64.b64decode(payload, validate=True)
        cookie, length = _ENVELOPE.unpack_from(raw)
        data = zlib.decompress(raw[_ENVELOPE.size : _ENVELOPE.size + length])
        inner, size, _offset, digits, lowest, _highest, _ratio = _HEADER.unpack_from(data)
    except (binascii.Error, struct.error, zlib.error, ValueError) as error:
        raise RecordError(f"a histogram in the interval log cannot be decoded ({error})") from None
    if (cookie, inner) != (_COOKIE_COMPRESSED_V2, _COOKIE_V2):
        raise RecordError("a histogram in the interval log is not of encoding V2")
    if (digits, lowest) != (SIGNIFICANT_DIGITS, LOWEST_NS):
        raise RecordError("a histogram in the interval log has another precision than reli writes")
    body = data[_HEADER.size : _HEADER.size + size]
    if len(body) != size:
        raise RecordError("a histogram in the interval log is cut short")
    return body


def decode(payload: str) -> Histogram:
    """The histogram of a payload; raises ``RecordError`` when it cannot be decoded."""
    counts: dict[int, int] = {}
    index = shift = value = 0
    for byte in decompress(payload):
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
            continue
        number = (value >> 1) ^ -(value & 1)
        if number < 0:
            index -= number
        else:
            counts[index] = number
            index += 1
        shift = value = 0
    return Histogram(counts)
