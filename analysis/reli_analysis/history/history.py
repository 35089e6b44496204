"""From the runs of a directory to what got worse: groups of the same thing, judged one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome, overall
from reli_analysis.history.judged import judge_levels
from reli_analysis.history.verdicts import Flaky, flaky_of, missing_runs
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from reli_analysis.history.entry import Entry
    from reli_analysis.history.followed import Followed
    from reli_analysis.history.row import HistoryRow


@dataclass(frozen=True)
class Group:
    """The runs of one profile in order of their start, and what was found of them.

    ``left_out`` are runs whose numbers cannot be believed (INVALID), or that still go on.
    """

    name: str
    entries: tuple[Entry, ...]
    left_out: tuple[Entry, ...]
    rows: tuple[HistoryRow, ...]
    flaky: tuple[Flaky, ...]
    missing: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        return overall(row.outcome for row in self.rows)


@dataclass(frozen=True)
class History:
    """All groups; ``unread`` are records that could not be read, each with the reason.

    ``earlier`` is how many runs were not looked at because they are older than the last ones.
    """

    directories: tuple[str, ...]
    groups: tuple[Group, ...]
    unread: tuple[tuple[Path, str], ...]
    earlier: int

    @property
    def outcome(self) -> Outcome:
        """The worst of the groups; without one there is no data, which is no PASS."""
        return overall(group.outcome for group in self.groups)

    @property
    def runs(self) -> int:
        return sum(len(group.entries) for group in self.groups)


def group_name(entry: Entry) -> str:
    """Runs of one name are followed together: the same profile at the same time scale."""
    scale = entry.info.time_scale
    name = entry.info.profile_name + (f" (time scale {scale:g})" if scale != 1 else "")
    return name if entry.info.load else f"{name} (sampled only)"


def make_history(
    directories: Sequence[Path],
    entries: Sequence[Entry],
    unread: Sequence[tuple[Path, str]],
    followed: Sequence[Followed],
    last: int,
) -> History:
    """The history of entries in order of their start; of each group the ``last`` runs count."""
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(group_name(entry), []).append(entry)
    groups = tuple(_group(name, own[-last:], followed) for name, own in sorted(by_name.items()))
    earlier = sum(max(0, len(own) - last) for own in by_name.values())
    return History(tuple(map(str, directories)), groups, tuple(unread), earlier)


def _group(name: str, entries: Sequence[Entry], followed: Sequence[Followed]) -> Group:
    left_out = [e for e in entries if e.verdict is Verdict.INVALID or e.info.state == "running"]
    kept = [entry for entry in entries if entry not in left_out]
    rows = judge_levels(kept, followed) if kept else []
    return Group(
        name=name,
        entries=tuple(kept),
        left_out=tuple(left_out),
        rows=tuple(rows),
        flaky=tuple(flaky_of(entries)),
        missing=tuple(missing_runs(entries)),
    )
