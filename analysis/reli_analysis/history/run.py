"""Takes the directories of a history: find, read, judge, print, write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.console import note, say
from reli_analysis.errors import InputError
from reli_analysis.history.entry import find_records, read_entries
from reli_analysis.history.history import make_history
from reli_analysis.history.otava import otava_csv
from reli_analysis.registry import nearest
from reli_analysis.report.files import write_asked, write_report
from reli_analysis.report.history_reports import HISTORY_REPORTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reli_analysis.history.entry import Entry
    from reli_analysis.history.followed import Followed

FILES = {"json": "history.json", "junit": "junit.xml", "html": "history.html"}
"""What ``--output`` writes, by report."""


@dataclass(frozen=True)
class Options:
    """What is looked at, and how it is told."""

    profile: str | None
    last: int
    followed: tuple[Followed, ...]
    otava: Path | None = None
    format: str = "text"
    html: Path | None = None
    output: Path | None = None


def follow(directories: Sequence[Path], options: Options) -> int:
    """Report on the history; returns the exit code. Raises ``ReliError`` in one sentence."""
    entries, unread = read_entries(find_records(directories))
    if not entries:
        raise InputError(f"none of {len(unread)} run records can be read: {unread[0][1]}")
    chosen = _of_profile(entries, options.profile)
    history = make_history(directories, chosen, unread, options.followed, options.last)
    exported = otava_csv(history) if options.otava else None

    def render(kind: str) -> str:
        return HISTORY_REPORTS.get(kind).render(history)

    say(render(options.format))
    if options.otava and exported:
        text, left_out = exported
        write_report(options.otava, text)
        note(f"wrote {options.otava}")
        if left_out:
            note(f"not every run has {', '.join(left_out)}: left out of {options.otava}")
    write_asked(render, options.output, options.html, FILES)
    return history.outcome.exit_code


def _of_profile(entries: Sequence[Entry], profile: str | None) -> list[Entry]:
    if profile is None:
        return list(entries)
    chosen = [entry for entry in entries if entry.info.profile_name == profile]
    if not chosen:
        names = sorted({entry.info.profile_name for entry in entries})
        known = ", ".join(names)
        hint = nearest(profile, names)
        raise InputError(f'there is no run of the profile "{profile}"{hint}; there are: {known}')
    return chosen
