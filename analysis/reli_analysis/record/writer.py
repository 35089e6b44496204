"""Writes a run record. The recorder is the only process that does."""

from __future__ import annotations

import dataclasses
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reli_analysis.record import csvfile, hlog
from reli_analysis.record.frames import Frames
from reli_analysis.record.layout import CSV_FILES, LATENCY_HLOG, LATENCY_SUMS_HLOG, RESULTS_CSV
from reli_analysis.record.run import RunInfo, write_run_info

if TYPE_CHECKING:
    from collections.abc import Mapping
    from io import FileIO
    from pathlib import Path

_MOST_HELD = 10_000
"""Lines of one file that wait for a flush."""

_LAST_WORDS = ".last-words"
_LAST_WORDS_BYTES = 16 * 1024


class RecordWriter:
    """Appends to the files of one record; nothing is kept of what was written.

    Lines are held until ``flush``, which writes those of a file in one call. Raises ``OSError`` as
    the disk does; each file then ends with its last complete line.
    """

    def __init__(
        self, directory: Path, info: RunInfo, resume_at: Mapping[str, int] | None = None
    ) -> None:
        """Begin a record, or with ``resume_at`` go on with one whose writer was killed.

        Files named there are cut to that size in bytes, the others to their last complete line.
        """
        self.directory = directory
        self.info = info
        self.muted: frozenset[str] = frozenset()
        """Files whose rows are dropped for now."""
        self._columns = {name: [c.name for c in columns] for name, columns in CSV_FILES.items()}
        self._columns[RESULTS_CSV] += [metric.name for metric in info.metrics]
        logs = (LATENCY_HLOG, LATENCY_SUMS_HLOG)
        self._lines: dict[str, list[str]] = {name: [] for name in (*CSV_FILES, *logs)}
        self._frames = Frames(resumed=resume_at is not None)
        self._files: dict[str, FileIO] = {}
        self.sizes: dict[str, int] = {}
        """Bytes of each file that are written, in complete lines."""
        write_run_info(directory, info)
        for name in self._lines:
            self._open(name, resume_at)
        if resume_at is None:
            for name, columns in self._columns.items():
                self._lines[name].append(",".join(columns) + "\n")
            for name in logs:
                self._lines[name].append(hlog.header(info.started_wall_s))
        self.flush()

    def _open(self, name: str, resume_at: Mapping[str, int] | None) -> None:
        path = self.directory / name
        if resume_at is None:
            self._files[name] = path.open("xb", buffering=0)
            self.sizes[name] = 0
            return
        self._files[name] = path.open("ab", buffering=0)
        complete = _complete_bytes(path)
        self.sizes[name] = min(resume_at.get(name, complete), complete)
        self._files[name].truncate(self.sizes[name])

    def row(self, name: str, row: Mapping[str, Any]) -> None:
        """Append one row to a CSV file, values by column name."""
        if name not in self.muted:
            self._append(name, csvfile.format_row(self._columns[name], row))

    def histogram(
        self, start_s: float, length_s: float, counts: Mapping[int, int], tag: str = ""
    ) -> None:
        """Append one histogram to the interval log; empty ones are left out."""
        if counts:
            self._append(LATENCY_HLOG, hlog.format_row(start_s, length_s, counts, tag))
            for line in self._frames.add(start_s, length_s, counts, tag):
                self._append(LATENCY_SUMS_HLOG, line)

    def _append(self, name: str, line: str) -> None:
        lines = self._lines[name]
        lines.append(line)
        if len(lines) >= _MOST_HELD:
            self._flush(name)

    def flush(self) -> None:
        """Hand everything to the operating system, so that a killed recorder loses nothing."""
        for name in self._lines:
            self._flush(name)

    def _flush(self, name: str) -> None:
        lines, file = self._lines[name], self._files[name]
        if not lines:
            return
        data = memoryview("".join(lines).encode())
        rest = data
        try:
            while rest:
                rest = rest[file.write(rest) or 0 :]
        except OSError:
            with suppress(OSError):
                file.truncate(self.sizes[name])
            raise
        lines.clear()
        self.sizes[name] += len(data)

    def descriptors(self) -> list[int]:
        """The open files, for whoever syncs them."""
        return [file.fileno() for file in self._files.values()]

    def reserve(self) -> None:
        """Set room aside for the last words on a full disk; without it the record is no worse."""
        with suppress(OSError):
            descriptor = os.open(self.directory / _LAST_WORDS, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                os.posix_fallocate(descriptor, 0, _LAST_WORDS_BYTES)
            finally:
                os.close(descriptor)

    def _release(self) -> None:
        with suppress(OSError):
            (self.directory / _LAST_WORDS).unlink(missing_ok=True)

    def drop_held(self) -> None:
        """Forget the lines that no disk would take, and free what was set aside for the last."""
        for lines in self._lines.values():
            lines.clear()
        self._release()

    def update(self, **changes: Any) -> None:
        """Change fields of ``run.json``."""
        self.info = dataclasses.replace(self.info, **changes)
        write_run_info(self.directory, self.info)

    def close(self) -> None:
        self.flush()
        for file in self._files.values():
            file.close()
        self._release()


def _complete_bytes(path: Path) -> int:
    """Length of a file up to the end of its last complete line."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - 65536)
            file.seek(begin)
            at = file.read(end - begin).rfind(b"\n")
            if at >= 0:
                return begin + at + 1
            end = begin
    return 0
