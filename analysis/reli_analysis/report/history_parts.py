"""What several reports of a history say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.outcome import Outcome
from reli_analysis.history.judged import change
from reli_analysis.report.parts import as_sentence, listed, plural, utc
from reli_analysis.units import format_value
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from reli_analysis.history.history import Group, History
    from reli_analysis.history.row import HistoryRow

HEADER = ("verdict", "level", "first", "last", "a run", "95 % interval", "changes")

MEANINGS = {
    Outcome.PASS: "no level creeps or stepped up by its floor or more, and none could have without being seen",
    Outcome.IMPROVED: "nothing got worse, and at least one level gets better",
    Outcome.REGRESSED: "at least one level creeps, or stepped up and stayed",
    Outcome.INCONCLUSIVE: "nothing was shown to get worse, but not every level could be judged",
}


def title(history: History) -> str:
    """``24 runs of soak``, or of how many profiles."""
    groups = history.groups
    of = one_line(groups[0].name) if len(groups) == 1 else plural(len(groups), "profile")
    return f"{plural(history.runs, 'run')} of {of}"


def headline(history: History) -> str:
    """Why the verdict is what it is, in one sentence without a capital or a stop."""
    rows = [(group, row) for group in history.groups for row in group.rows]
    deciding = [(group, row) for group, row in rows if row.outcome is history.outcome]
    several = len(history.groups) > 1
    named = listed(
        [
            row.course.followed.label + (f" of {one_line(group.name)}" if several else "")
            for group, row in deciding
        ]
    )
    share = f"{len(deciding)} of {plural(len(rows), 'level')}"
    match history.outcome:
        case Outcome.REGRESSED:
            return f"{share} got worse: {named}"
        case Outcome.IMPROVED:
            return f"nothing got worse, and {named} got better"
        case Outcome.PASS:
            return "nothing creeps, and nothing stepped up"
        case _ if not rows:
            return "no run could be judged, and no data is never a PASS"
        case _:
            return f"nothing was shown to get worse, but {share} could not be judged: {named}"


def headline_sentence(history: History) -> str:
    """The headline with a capital and a full stop."""
    return as_sentence(headline(history))


def span(group: Group) -> str:
    """When the first and the last run of a group began."""
    if not group.entries:
        return "no run that can be judged"
    first, last = (utc(group.entries[at].started_wall_s) for at in (0, -1))
    return f"{plural(len(group.entries), 'run')}, {first} to {last}"


def warnings(group: Group) -> list[str]:
    """What is wrong with the runs themselves."""
    told = [one.message for one in group.flaky]
    told += group.missing
    if group.left_out:
        named = listed([entry.title for entry in group.left_out])
        told.append(
            f"{plural(len(group.left_out), 'run')} not counted, INVALID or running: {named}"
        )
    return told


def cells(row: HistoryRow) -> tuple[str, ...]:
    """One row under ``HEADER``."""
    course, creep = row.course, row.creep
    known = course.values[np.isfinite(course.values)]
    ends = (format_value(float(known[at]), course.followed.unit) for at in (0, -1))
    slope = between = "–"
    if creep is not None:
        slope = change(course, creep.start, creep.per_run)
        between = " to ".join(change(course, creep.start, v) for v in (creep.low, creep.high))
    return (row.outcome.value, course.followed.label, *ends, slope, between, str(len(row.steps)))


def advice(history: History) -> list[str]:
    """What to do next, in sentences."""
    told = []
    outcomes = {row.outcome for group in history.groups for row in group.rows}
    if Outcome.REGRESSED in outcomes:
        told.append(
            "Compare runs from before and after: reli-analyze compare --base ... --candidate ..."
        )
    if Outcome.INCONCLUSIVE in outcomes:
        told.append("Go on running: a trend needs six runs, and many more where they are noisy.")
    if any(group.flaky for group in history.groups):
        told.append("Widen or lengthen what flips: a limit within the noise says nothing.")
    return told
