"""Reads what can be judged: a run directory, its results.csv alone, any CSV with a time column.

A new format is one file here: a class with ``recognises`` and ``read``, registered at its end, and
a line in the imports below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.errors import InputError
from reli_analysis.readers import generic_csv, results_csv, run_directory
from reli_analysis.readers.base import READERS, Reader

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run

__all__ = ["READERS", "Reader", "read"]

_HEAD_BYTES = 1 << 20
_FORMATS = (run_directory, results_csv)  # importing them registers them
_FALLBACK = generic_csv.NAME


def read(path: Path) -> Run:
    """Read a run or a table; raises ``InputError`` or ``RecordError`` in one sentence."""
    try:
        if not path.exists():
            raise InputError(f"{path} does not exist")
        if not (path.is_dir() or path.is_file()):
            raise InputError(f"{path} is neither a file nor a directory")
        head = b"" if path.is_dir() else _head(path)
        recognised = (READERS.get(name) for name in READERS)
        reader = next((r for r in recognised if r.recognises(path, head)), READERS.get(_FALLBACK))
        return reader.read(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{path} is empty")
    if b"\0" in head:
        raise InputError(f"{path} is binary, not a table of text; save it as CSV in UTF-8")
    if b"\n" not in head and len(head) == _HEAD_BYTES:
        raise InputError(f"{path}, line 1: longer than a mebibyte; this is not a table")
    return head
