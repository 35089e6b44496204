"""Reads what can be judged: a run of reli, the files of other tools, any CSV with a time column.

A new format is one file here: a class with ``recognises`` and ``read``, registered at its end, and
a line in the imports below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.errors import InputError
from reli_analysis.readers import (
    generic_csv,
    hdr_log,
    jmeter_csv,
    jmeter_xml,
    k6_csv,
    locust_failures,
    locust_history,
    locust_requests,
    locust_stats,
    procpath_csv,
    procpath_sqlite,
    prometheus_csv,
    prometheus_json,
    psrecord,
    results_csv,
    run_directory,
    vegeta_csv,
    vegeta_json,
)
from reli_analysis.readers.base import READERS, Column, Guide, Reader
from reli_analysis.readers.not_text import refuse_what_is_no_text

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run

__all__ = ["READERS", "Column", "Guide", "Reader", "read"]

_HEAD_BYTES = 1 << 20
_FORMATS = (  # importing them registers them
    hdr_log, jmeter_csv, jmeter_xml, k6_csv, locust_failures, locust_history, locust_requests,
    locust_stats, procpath_csv, procpath_sqlite, prometheus_csv, prometheus_json, psrecord,
    results_csv, run_directory, vegeta_csv, vegeta_json,
)  # fmt: skip
_FALLBACK = generic_csv.NAME
_NO_TABLES = (b"SQLite", b"{", b"<")


def read(path: Path, guide: Guide | None = None) -> Run:
    """Read a run or a table; raises ``InputError`` or ``RecordError`` in one sentence.

    A table whose columns the guide names is read as such, whoever wrote it.
    """
    guide = guide or Guide()
    try:
        if not path.exists():
            raise InputError(f"{path} does not exist")
        if not (path.is_dir() or path.is_file()):
            raise InputError(f"{path} is neither a file nor a directory")
        head = b"" if path.is_dir() else _head(path)
        return _reader(path, head, guide).read(path, guide)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def _reader(path: Path, head: bytes, guide: Guide) -> Reader:
    recognised = (READERS.get(name) for name in READERS)
    reader = next((r for r in recognised if r.recognises(path, head)), None)
    if reader is None:
        refuse_what_is_no_text(path, head)
        return READERS.get(_FALLBACK)
    if not guide.is_for_tables:
        return reader
    if path.is_dir() or head.startswith(_NO_TABLES):
        raise InputError(f"{path} is no table of text, so --time and --column do not apply to it")
    return READERS.get(_FALLBACK)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{path} is empty")
    return head
