"""When a target is there, when it was started anew, and how its processes ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from reli.sampling.proc.member import Member

LONG_LIVED_S = 60.0
"""A process below the root that ends sooner is a helper, and only counted."""

_SUMMARY_EVERY_S = 600.0
_MOST_EXITS = 20
_PATIENCE_S = 10.0
_LAUNCHER_S = 10.0


@dataclass(frozen=True)
class Ended:
    """A process that has ended; ``how`` follows "pid 12": "was killed by SIGKILL"."""

    member: Member
    lived_s: float
    how: str


class Lives:
    """Turns what each sample finds into events, and counts the restarts as ``segment``.

    A restart is: a root ended, and another came. What is left of a tree whose root has ended takes
    its place once it has outlived it for ten seconds, or at once when the root was a mere launcher
    that lived no longer than that.
    """

    def __init__(
        self, tell: Callable[[str, str], None], *, counts_restarts: bool, begun_s: float
    ) -> None:
        self.segment = 0
        self._tell = tell
        self._counts_restarts = counts_restarts
        self._there: bool | None = None
        self._lost: tuple[Ended, float] | None = None
        self._patient_until_s = begun_s + _PATIENCE_S
        self._uncounted_since_s = begun_s
        self._exits: Counter[str] = Counter()
        self._uncounted = 0

    def sampled(
        self,
        elapsed_s: float,
        members: Collection[Member],
        new_roots: Sequence[Member],
        ended: Sequence[Ended],
    ) -> None:
        """Take over one sample: who is there, who came as a root, who has ended."""
        for end in ended:
            self._ended(elapsed_s, end, members)
        if self._counts_restarts:
            if new_roots:
                self._came(elapsed_s, new_roots)
            elif members:
                self._succeed(elapsed_s, members)
            self._presence(elapsed_s, members)
        if elapsed_s - self._uncounted_since_s >= _SUMMARY_EVERY_S:
            self._summarise(elapsed_s)

    def _ended(self, elapsed_s: float, end: Ended, members: Collection[Member]) -> None:
        root = end.member.root and (self._counts_restarts or not members)
        left_alone = members and not any(member.root for member in members)
        if root and left_alone and end.lived_s < _LAUNCHER_S:
            next(iter(members)).root = True
            return
        if root:
            self._lost = end, elapsed_s
        which = "root" if root else "below"
        if (root or end.lived_s >= LONG_LIVED_S) and self._exits[which] < _MOST_EXITS:
            self._exits[which] += 1
            place = "" if end.member.root else ", below the root,"
            self._tell("exit", f"{_name(end.member)}{place} {end.how}")
        else:
            self._uncounted += 1

    def _came(self, elapsed_s: float, roots: Sequence[Member]) -> None:
        if self._lost is not None:
            lost, lost_s = self._lost
            self._lost = None
            self.segment += 1
            self._tell(
                "restart",
                f"{_name(roots[0])} has taken the place of pid {lost.member.pid}, which {lost.how}"
                + (f", after {elapsed_s - lost_s:.3g} s" if elapsed_s > lost_s else ""),
            )
        elif not self._there:
            more = f" and {len(roots) - 1} more" if len(roots) > 1 else ""
            self._tell("appeared", f"{_name(roots[0])}{more}")
        self._there = True

    def _succeed(self, elapsed_s: float, members: Collection[Member]) -> None:
        """The oldest of those that the root has left behind takes its place."""
        if self._lost is None or any(member.root for member in members):
            return
        if elapsed_s - self._lost[1] >= _PATIENCE_S:
            heir = next(iter(members))
            heir.root = True
            self._came(elapsed_s, [heir])

    def _presence(self, elapsed_s: float, members: Collection[Member]) -> None:
        if members:
            self._there = True
        elif self._there:
            self._there = False
            self._tell("vanished", "no process of it is left")
        elif self._there is None and elapsed_s >= self._patient_until_s:
            self._there = False
            self._tell("vanished", "it is not there yet")

    def _summarise(self, elapsed_s: float) -> None:
        """Tell how many ended that were not told one by one."""
        if self._uncounted:
            since_s = elapsed_s - self._uncounted_since_s
            self._tell("exit", f"{self._uncounted} more processes ended within {since_s:.0f} s")
        self._uncounted_since_s = elapsed_s
        self._uncounted = 0
        self._exits.clear()


def _name(member: Member) -> str:
    return f"pid {member.pid} ({member.stat.name})"
