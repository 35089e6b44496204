"""Says of a file that is no text what it is, and what would be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
}
_OTHERS = {
    b"SQLite format 3\0": "an SQLite database without a table of procpath",
    b"PAR1": "a Parquet file; write it as CSV",
    b"%PDF": "a PDF",
}
_KNOWN = (
    "known are records of reli; Locust's stats, history, failures and request logs; k6 CSV; "
    "JMeter JTL; Vegeta CSV and JSON; .hlog; psrecord; procpath; Prometheus range queries; and any "
    "CSV with a time column (docs/formats.md)"
)


def refuse_what_is_no_text(path: Path, head: bytes) -> None:
    """Raise ``InputError`` for what no table of text begins with."""
    for magic, packer in _PACKED.items():
        if head.startswith(magic):
            raise InputError(f"{path} is packed ({packer}); unpack it first")
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise InputError(f"{path} is {what}; {_KNOWN}")
    if b"\0" in head:
        raise InputError(
            f"{path} is binary, not a table of text; save it as CSV in UTF-8; {_KNOWN}"
        )
    if b"\n" not in head and len(head) == 1 << 20:
        raise InputError(f"{path}, line 1: longer than a mebibyte; this is not a table")
    if head.lstrip()[:1] in {b"{", b"[", b"<"}:
        kind = "XML or HTML" if head.lstrip()[:1] == b"<" else "JSON"
        raise InputError(f"{path} is {kind} of no known format; {_KNOWN}")
