"""Opens a record: one of its own, or that of a recorder that was killed."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from reli.clock import boot_id
from reli.recorder.events import EventLog
from reli_analysis.record import RecordWriter, create_run_directory, read_run_info
from reli_analysis.record.csvfile import original_text
from reli_analysis.record.layout import (
    EVENTS_COLUMNS,
    EVENTS_CSV,
    FAILURES_CSV,
    LATENCY_HLOG,
    REQUESTS_CSV,
    RESULTS_CSV,
)

if TYPE_CHECKING:
    from reli.clock import RunClock
    from reli.recorder.checkpoint import Checkpoint
    from reli.recorder.events import Words
    from reli.recorder.settings import Resume, Settings
    from reli_analysis.record import RunInfo

_SENT_AGAIN = (RESULTS_CSV, REQUESTS_CSV, FAILURES_CSV, LATENCY_HLOG)
"""What is in these after the checkpoint comes from Locust, which sends it again."""


def open_record(
    info: RunInfo, settings: Settings, resume: Resume | None, clock: RunClock
) -> tuple[RecordWriter, EventLog]:
    """The writer of a record, and its events.

    One that goes on is as if the recorder before had stopped at the checkpoint, but for samples and
    events after it: nobody could send them again. Raises ``RecordError`` or ``OSError``.
    """
    identity = {
        "pid": os.getpid(),
        "started_s": psutil.Process().create_time(),
        "boot_id": boot_id(),
    }
    if resume is not None:
        return _reopen(resume, identity, clock)
    option = "--run-dir" if info.load else "--output"
    directory = create_run_directory(Path(settings.parent), info.run_id, option)
    writer = RecordWriter(directory, replace(info, run_id=directory.name, recorder=identity))
    return writer, EventLog(writer, clock)


def _reopen(
    resume: Resume, identity: dict[str, object], clock: RunClock
) -> tuple[RecordWriter, EventLog]:
    directory, at = Path(resume.directory), resume.at
    info = replace(read_run_info(directory), recorder=identity)
    sizes = {name: size for name, size in at.sizes.items() if name in _SENT_AGAIN}
    writer = RecordWriter(directory, info, resume_at=sizes)
    return writer, EventLog(writer, clock, _words_after(directory / EVENTS_CSV, at))


def _words_after(path: Path, at: Checkpoint) -> list[Words]:
    """The events that were written after the checkpoint: an interval's, or few."""
    columns = [column.name for column in EVENTS_COLUMNS]
    places = [columns.index(name) for name in ("kind", "subject", "message")]
    with path.open(encoding="utf-8", newline="") as file:
        file.seek(at.sizes.get(EVENTS_CSV, 0))
        rows = [row for row in csv.reader(file) if len(row) == len(columns)]
    return [
        (original_text(kind), original_text(subject), original_text(message))
        for kind, subject, message in ([row[place] for place in places] for row in rows)
    ]
