"""Reads ``resources.csv`` and ``metrics.csv``: what was sampled of what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.groups import Group, Kind, read_groups
from reli_analysis.readers.lines import TIME
from reli_analysis.record.layout import PROCESS, RESOURCES_COLUMNS, unit_of
from reli_analysis.series import Published, Sampled, Series

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reli_analysis.series import Damage

_PLACE = ("role", "source", "host")
_TEXTS = (*_PLACE, "kind", "segment", "pid", "started_s", "process")
_UNREAD = frozenset({"wall_s", "parent_pid"})
_COUNTERS = frozenset(column.name for column in RESOURCES_COLUMNS if column.counter)
_ONE_PROCESS = Kind((*_PLACE, "pid", "started_s"), _COUNTERS)
_ANY_OTHER = Kind((*_PLACE, "segment", "process"))
_METRIC = Kind(("source", "host", "metric"))
_METRIC_UNITS = {"_seconds": "s"}


class _Columns(Mapping[str, Series]):
    """The columns of a group as series, made when they are asked for."""

    def __init__(self, group: Group) -> None:
        self._columns = group.columns

    def __getitem__(self, name: str) -> Series:
        return Series(name, unit_of(name), self._columns[TIME], self._columns[name])

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._columns if name != TIME)

    def __len__(self) -> int:
        return len(self._columns) - 1


def read_resources(path: Path) -> tuple[tuple[Sampled, ...], tuple[Damage, ...]]:
    """Each process, and each tree, cgroup and host by segment of its source.

    A record of format 1 has processes only, and no column that says so. What a single process has
    counted since it began is not read: two days of twenty processes would fill the memory with it.
    """
    groups, damage = read_groups(
        path,
        texts=_TEXTS,
        needed=(TIME, *_PLACE, "pid", "started_s", "process"),
        kind_of=lambda kind: _ONE_PROCESS if kind in {PROCESS, ""} else _ANY_OTHER,
        by="kind",
        unread=_UNREAD,
    )
    return tuple(_sampled(group) for group in groups), damage


def _sampled(group: Group) -> Sampled:
    texts = group.texts
    return Sampled(
        role=texts["role"],
        source=texts["source"],
        host=texts["host"],
        name=texts["process"],
        kind=texts["kind"] or PROCESS,
        segment=round(_number(texts["segment"])),
        pid=round(_number(texts["pid"])),
        started_s=_number(texts["started_s"]),
        elapsed_s=group.columns[TIME],
        series=_Columns(group),
    )


def _number(text: str) -> float:
    """A number of an identity; 0 where there is none, as of a host's process id."""
    try:
        number = float(text or "0")
    except ValueError:
        return 0.0
    return number if abs(number) < 1e15 else 0.0


def read_metrics(path: Path) -> tuple[tuple[Published, ...], tuple[Damage, ...]]:
    """Each number that a target published, by source, host and name."""
    texts = ("source", "host", "metric")
    groups, damage = read_groups(
        path,
        texts=texts,
        needed=(TIME, *texts, "value"),
        kind_of=lambda _any: _METRIC,
        unread=(*_UNREAD, "role"),
    )
    return tuple(_published(group) for group in groups if _has_value(group)), damage


def _has_value(group: Group) -> bool:
    return "value" in group.columns and bool(np.isfinite(group.columns["value"]).any())


def _published(group: Group) -> Published:
    source, host, name = (group.texts[text] for text in ("source", "host", "metric"))
    stated = name.partition("{")[0]
    unit = next((u for end, u in _METRIC_UNITS.items() if stated.endswith(end)), unit_of(stated))
    values = Series(name, unit, group.columns[TIME], group.columns["value"])
    return Published(source, host, name, values)
