"""What was sampled of each source over the whole run: its segments in order of time, joined."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.record.layout import CGROUP, HOST, TREE
from reli_analysis.series import Sampled, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run

TARGET = "target"
_KINDS = (TREE, CGROUP, HOST)


@dataclass(frozen=True)
class Course:
    """One tree, cgroup or host of a source; a segment begins with each restart."""

    segments: tuple[Sampled, ...]

    @property
    def last(self) -> Sampled:
        return self.segments[-1]

    @property
    def source(self) -> str:
        return self.last.source

    @property
    def restarts(self) -> int:
        """How often the source restarted while it was sampled."""
        return self.last.segment - self.segments[0].segment

    @property
    def restarted_s(self) -> tuple[float, ...]:
        """The first moment of each segment but the first."""
        pairs = itertools.pairwise(self.segments)
        return tuple(after.first_s for before, after in pairs if after.segment != before.segment)

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        return np.concatenate([segment.elapsed_s for segment in self.segments])

    def series(self, column: str) -> Series | None:
        """A column over all segments, with a gap at each restart; ``None`` if never measured."""
        parts = [segment.series[column] for segment in self.segments if column in segment.series]
        if not any(len(part.measured()) for part in parts):
            return None
        times, values = [parts[0].elapsed_s], [parts[0].values]
        for part in parts[1:]:
            times += [part.elapsed_s[:1], part.elapsed_s]
            values += [np.array([np.nan]), part.values]
        return Series(column, parts[0].unit, np.concatenate(times), np.concatenate(values))


def courses(run: Run) -> tuple[Course, ...]:
    """Those of the targets, in the order in which the run names them."""
    found: dict[tuple[str, str, str], list[Sampled]] = defaultdict(list)
    for one in run.sampled:
        if one.role == TARGET and one.kind in _KINDS:
            found[one.source, one.kind, one.host].append(one)
    whole = [course for alike in found.values() for course in _told_apart(alike)]
    named = {text: at for at, text in enumerate(run.info.targets)} if run.info else {}
    return tuple(
        sorted(whole, key=lambda c: (named.get(c.source, len(named)), _KINDS.index(c.last.kind)))
    )


def restarting(run: Run) -> tuple[Course, ...]:
    """The courses by which restarts are told: a source's tree, or its cgroup where it has none."""
    found = courses(run)
    trees = {course.source for course in found if course.last.kind == TREE}
    return tuple(
        course
        for course in found
        if course.last.kind == TREE or (course.last.kind == CGROUP and course.source not in trees)
    )


def _told_apart(alike: list[Sampled]) -> list[Course]:
    """One course, or one a name where names were sampled side by side.

    A target that only changes its name, as a shell that becomes the server it starts, is one; the
    targets that an agent reads for one source are several.
    """
    in_order = sorted(alike, key=lambda one: (one.first_s, one.segment))
    follow = all(a.last_s < b.first_s for a, b in itertools.pairwise(in_order))
    if follow or len({one.name for one in in_order}) == 1:
        return [Course(tuple(in_order))]
    by_name: dict[str, list[Sampled]] = defaultdict(list)
    for one in in_order:
        by_name[one.name].append(one)
    return [Course(tuple(of_name)) for of_name in by_name.values()]
