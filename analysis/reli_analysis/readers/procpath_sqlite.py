"""What ``procpath record`` writes: an SQLite database with a row a process and sample."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.generic_csv import EVERYTHING_IS_STEADY
from reli_analysis.readers.number_chunks import MAX_CELLS
from reli_analysis.readers.samples import Samples, by_process, summed
from reli_analysis.series import Run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_MAGIC = b"SQLite format 3\0"
_PAGE_BYTES, _TICKS_PER_S = 4096.0, 100.0
NUMBERS = (
    "ts", "stat_pid", "stat_rss", "stat_num_threads", "stat_utime", "stat_stime", "fd_anon",
    "fd_dir", "fd_chr", "fd_blk", "fd_reg", "fd_fifo", "fd_lnk", "fd_sock", "smaps_rollup_pss",
    "io_read_bytes", "io_write_bytes",
)  # fmt: skip
"""What is read of a recording, where it has it."""
NEEDED = ("ts", "stat_pid")
_KIBIBYTE = 1024.0


class ProcpathSqlite:
    """Recognised by being a database of SQLite with a table ``record`` of processes."""

    def recognises(self, path: Path, head: bytes) -> bool:
        return head.startswith(_MAGIC) and set(NEEDED) <= set(_columns(path))

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
        try:
            return _read(path)
        except sqlite3.Error as error:
            raise InputError(f"{path} is a database that cannot be read: {error}") from None


def _open(path: Path) -> contextlib.closing[sqlite3.Connection]:
    # Read only, and as it stands: a database that its writer left open is not mended here.
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    return contextlib.closing(sqlite3.connect(uri, uri=True))


def _columns(path: Path) -> list[str]:
    try:
        with _open(path) as database:
            return [str(row[1]) for row in database.execute("PRAGMA table_info(record)")]
    except sqlite3.Error:
        return []


def _read(path: Path) -> Run:
    there = _columns(path)
    numbers = [name for name in NUMBERS if name in there]
    named = "stat_comm" if "stat_comm" in there else "''"
    with _open(path) as database:
        (rows,) = database.execute("SELECT count(*) FROM record").fetchone()
        if rows * len(numbers) > MAX_CELLS:
            raise InputError(
                f"{path} holds more than {MAX_CELLS:,} numbers; record fewer processes"
            )
        meta = _meta(database)
        # Column names come from the fixed list above.
        query = f"SELECT {named}, {', '.join(numbers)} FROM record ORDER BY ts"  # noqa: S608 -- as said
        table = database.execute(query).fetchall()
    names = [str(row[0] or "") for row in table]
    cells = np.array([[_number(cell) for cell in row[1:]] for row in table], np.float64)
    columns = dict(
        zip(numbers, cells.T if len(table) else [np.empty(0)] * len(numbers), strict=True)
    )
    return run_of(path, names, columns, meta)


def _meta(database: sqlite3.Connection) -> dict[str, float]:
    try:
        rows = database.execute("SELECT key, value FROM meta").fetchall()
    except sqlite3.Error:
        return {}
    return {str(key): _number(value) for key, value in rows}


def _number(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return np.nan


def run_of(
    path: Path,
    names: Sequence[str],
    theirs: Mapping[str, NDArray[np.float64]],
    meta: Mapping[str, float],
) -> Run:
    """The run of a recording's columns by procpath's names; raises ``InputError`` without rows."""
    known = np.isfinite(theirs["ts"]) & (np.abs(theirs["ts"]) < 1e12)
    known &= np.isfinite(theirs["stat_pid"])
    if not known.any():
        raise InputError(f"{path} holds no sample of a process")
    page, ticks = (
        meta.get("page_size", _PAGE_BYTES) or _PAGE_BYTES,
        meta.get("clock_ticks", _TICKS_PER_S) or _TICKS_PER_S,
    )
    columns = {name: values[known] for name, values in theirs.items()}
    zero = np.full(int(known.sum()), np.nan)
    kept = [name for name, yes in zip(names, known.tolist(), strict=True) if yes]
    samples = Samples(
        wall_s=columns["ts"],
        pids=columns["stat_pid"].astype(np.int64),
        names=kept,
        columns=_ours(columns, page),
        cpu_s=(columns.get("stat_utime", zero) + columns.get("stat_stime", zero)) / ticks,
    )
    series = summed(samples)
    steps = np.diff(series["processes"].elapsed_s)
    return Run(
        title=path.name,
        path=path,
        series=series,
        sampled=by_process(samples, path.stem),
        notes=(
            "procpath's recording: columns are sums over all recorded processes; pages have "
            f"{page:,.0f} bytes and a second {ticks:,.0f} clock ticks"
            + ("" if "page_size" in meta else " (assumed: the file does not say)"),
            EVERYTHING_IS_STEADY,
        ),
        interval_s=float(np.median(steps)) if len(steps) else 1.0,
    )


def _ours(
    columns: Mapping[str, NDArray[np.float64]], page: float
) -> dict[str, NDArray[np.float64]]:
    found = {}
    if "stat_rss" in columns:
        found["rss_bytes"] = columns["stat_rss"] * page
    if "stat_num_threads" in columns:
        found["threads"] = columns["stat_num_threads"]
    if "smaps_rollup_pss" in columns:
        found["pss_bytes"] = columns["smaps_rollup_pss"] * _KIBIBYTE
    fds = [values for name, values in columns.items() if name.startswith("fd_")]
    if fds:
        found["fds"] = np.sum(fds, axis=0)
    if "fd_sock" in columns:
        found["socket_fds"] = columns["fd_sock"]
    return found


READERS.register("procpath sqlite", ProcpathSqlite())
