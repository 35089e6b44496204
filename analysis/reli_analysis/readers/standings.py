"""Reads ``budgets.csv``: how budgets stood while the run went on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.groups import Kind, read_groups
from reli_analysis.readers.lines import TIME
from reli_analysis.series import Stood

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.readers.groups import Group
    from reli_analysis.series import Damage

_TEXTS = ("budget", "standing")
_UNREAD = frozenset({"wall_s", "observed", "limit", "unit"})


def read_standings(path: Path) -> tuple[tuple[Stood, ...], tuple[Damage, ...]]:
    """Each budget with the moments at which its standing changed.

    What it had come to at each moment is not read: the analysis works it out from everything that
    was measured.
    """
    groups, damage = read_groups(
        path,
        texts=_TEXTS,
        needed=(TIME, *_TEXTS),
        kind_of=lambda _any: Kind(_TEXTS),
        unread=_UNREAD,
    )
    by_budget: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        by_budget[group.texts["budget"]].append(group)
    return tuple(_stood(budget, of) for budget, of in by_budget.items()), damage


def _stood(budget: str, groups: list[Group]) -> Stood:
    """One budget from its rows by standing."""
    words = [group.texts["standing"] for group in groups]
    times = np.concatenate([group.columns[TIME] for group in groups])
    which = np.repeat(np.arange(len(groups)), [len(group.columns[TIME]) for group in groups])
    order = np.argsort(times, kind="stable")
    times, which = times[order], which[order]
    begins = np.flatnonzero(np.diff(which, prepend=-1))
    changes = tuple((float(times[at]), words[which[at]]) for at in begins.tolist())
    return Stood(budget, changes, float(times[-1]))
