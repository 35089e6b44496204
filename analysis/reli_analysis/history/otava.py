"""The levels of a group as the CSV that Apache Otava reads: a time, attributes, metrics.

In Otava's configuration the test is ``type: csv`` with ``time_column: time``, the attributes
``run``, ``verdict`` and ``version``, and one metric a column with its ``direction`` (docs/history.md
has the whole file).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import TYPE_CHECKING

from reli_analysis.errors import InputError
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.history.entry import Entry
    from reli_analysis.history.history import History

TIME = "time"
ATTRIBUTES = ("run", "verdict", "version")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def otava_csv(history: History) -> tuple[str, list[str]]:
    """The export of a history of one profile, and the levels that it leaves out.

    Otava takes no empty number, so a level stands in it only when every run has it. Raises
    ``InputError`` when there are several profiles.
    """
    if len(history.groups) != 1:
        names = ", ".join(group.name for group in history.groups)
        raise InputError(
            f"--otava takes the runs of one profile; choose by --profile one of: {names}"
        )
    (group,) = history.groups
    measured = [row.course.followed.name for row in group.rows]
    levels = [
        name for name in measured if all(e.levels.get(name) is not None for e in group.entries)
    ]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([TIME, *ATTRIBUTES, *levels])
    for entry in group.entries:
        writer.writerow(_row(entry, levels))
    return file.getvalue(), [name for name in measured if name not in levels]


def _row(entry: Entry, levels: Sequence[str]) -> list[str]:
    began = dt.datetime.fromtimestamp(entry.started_wall_s, dt.UTC)
    values = (entry.levels[name] for name in levels)
    version = entry.info.versions.get("reli", "")
    return [
        f"{began:%Y-%m-%d %H:%M:%S +0000}",
        *(_harmless(text) for text in (entry.title, entry.verdict.value, version)),
        *map(repr, values),
    ]


def _harmless(text: str) -> str:
    """One line that no spreadsheet takes for a formula."""
    line = one_line(str(text))
    return f"'{line}" if line.startswith(_FORMULA) else line
