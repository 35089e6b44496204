"""The columns of ``results.csv`` that come from sampling: the targets as one, and the generator."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from reli.recorder.rates import Rates, identity
from reli_analysis.record.layout import CGROUP, HOST, METRIC, PROCESS, TREE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reli.recorder.told import Measured
    from reli.sampling import Reading

_SUMMED = (
    *("rss_bytes", "uss_bytes", "pss_bytes", "swap_bytes", "fds", "socket_fds", "threads"),
    *("cpu_cores", "sockets_close_wait"),
)
_RATES = ("io_read_bytes", "io_written_bytes")


class Summary:
    """Sums the targets' trees sample by sample.

    A sum over some of the targets would read as a fall: once a target was there, a sum needs it. A
    target that was not there yet is not missed.
    """

    def __init__(self, metrics: Collection[str]) -> None:
        self._metrics = frozenset(metrics)
        self._rates = Rates()
        self._seen: set[str] = set()
        self._restarts: dict[str, int] = {}
        self._oom_kills = Growth()

    def of(self, measured: Sequence[Measured], elapsed_s: float) -> dict[str, Any]:
        """The columns of one sample; what is unknown is absent."""
        target = newest(one for one in measured if one.role == "target")
        trees = [one for one in target if one.reading.kind == TREE]
        columns = self._of_trees(trees, elapsed_s)
        columns |= _of_cgroups([one.reading for one in target if one.reading.kind == CGROUP])
        columns |= _of_hosts([one.reading for one in target if one.reading.kind == HOST])
        columns |= self._counts(target, trees)
        columns |= {
            one.reading.name: one.reading.values["value"]
            for one in target
            if one.reading.kind == METRIC and one.reading.name in self._metrics
        }
        generator = [m.reading for m in measured if m.role == "generator"]
        busiest = _values((r for r in generator if r.kind == PROCESS), "cpu_cores")
        if busiest:
            columns["generator_cpu_cores"] = max(busiest)
        self._rates.forget(elapsed_s)
        return columns

    def _of_trees(self, trees: Sequence[Measured], elapsed_s: float) -> dict[str, Any]:
        there = {tree.source for tree in trees}
        self._seen |= there
        rates = [self._io_per_s(tree, elapsed_s) for tree in trees]
        if not trees or there != self._seen:
            return {}
        values = [tree.reading.values for tree in trees]
        columns = _sums(values, _SUMMED) | _sums(rates, [f"{name}_per_s" for name in _RATES])
        columns |= _most(values, "fds_ratio")
        if "children" in values[0]:
            columns |= {"processes": int(sum(each.get("children", 0) + 1 for each in values))}
        return columns

    def _io_per_s(self, tree: Measured, elapsed_s: float) -> dict[str, float]:
        found = {}
        at_s = elapsed_s if tree.reading.elapsed_s is None else tree.reading.elapsed_s
        key = identity(tree.role, tree.source, tree.reading)
        for column in _RATES:
            value = tree.reading.values.get(column)
            rate = None if value is None else self._rates.per_s((key, column), at_s, value)
            if rate is not None:
                found[f"{column}_per_s"] = rate
        return found

    def _counts(self, target: Sequence[Measured], trees: Sequence[Measured]) -> dict[str, Any]:
        """Restarts and kills since the run began; neither falls when a target is gone."""
        with_trees = {tree.source for tree in trees}
        now: dict[str, int] = defaultdict(int)
        for one in target:
            kind = TREE if one.source in with_trees else CGROUP
            if one.reading.kind == kind:
                now[one.source] += one.reading.segment
            kills = one.reading.values.get("oom_kills")
            if kills is not None:
                self._oom_kills.take(one, kills)
        for source, restarts in now.items():
            self._restarts[source] = max(restarts, self._restarts.get(source, 0))
        columns: dict[str, Any] = {}
        if self._restarts:
            columns["restarts"] = sum(self._restarts.values())
        if (kills := self._oom_kills.total) is not None:
            columns["oom_kills"] = kills
        return columns


class Growth:
    """How much counters of the targets have grown since each was first seen.

    Of a target whose cgroup and processes both count, the higher one is right. A host counts every
    process on it, whoever's: it is asked only where no target counts for itself.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str, str], float] = {}
        self._grown: dict[tuple[str, str, str], float] = {}

    def take(self, one: Measured, value: float) -> None:
        key = one.source, one.reading.host, one.reading.kind
        last = self._last.get(key, 0.0 if one.reading.kind == TREE else value)
        self._grown[key] = self._grown.get(key, 0.0) + (value - last if value >= last else value)
        self._last[key] = value

    @property
    def total(self) -> int | None:
        """Over all targets; ``None`` when none counts."""
        if not self._grown:
            return None
        by_target: dict[str, float] = defaultdict(float)
        by_host: dict[str, float] = defaultdict(float)
        for (source, _host, kind), grown in self._grown.items():
            counted = by_host if kind == HOST else by_target
            counted[source] = max(counted[source], grown)
        return int(sum((by_target or by_host).values()))


def newest(measured: Iterable[Measured]) -> list[Measured]:
    """The newest of each thing: a source may hand over several moments at once."""
    found: dict[Any, Measured] = {}
    for one in measured:
        key = identity(one.role, one.source, one.reading)
        before = found.get(key)
        if before is None or (one.reading.elapsed_s or 0) >= (before.reading.elapsed_s or 0):
            found[key] = one
    return list(found.values())


def _of_cgroups(cgroups: Sequence[Reading]) -> dict[str, Any]:
    values = [cgroup.values for cgroup in cgroups]
    return _sums(values, ["working_set_bytes"]) | _most(values, "throttled_ratio")


def _of_hosts(hosts: Sequence[Reading]) -> dict[str, Any]:
    """Of several hosts, each column is that of the one that is worst off."""
    columns: dict[str, Any] = {}
    busy = [
        host.values["cpu_cores"] / host.values["cores"]
        for host in hosts
        if {"cpu_cores", "cores"} <= host.values.keys()
    ]
    if busy:
        columns["host_cpu_ratio"] = max(busy)
    for column, name in (
        ("memory_available_bytes", "host_memory_available_bytes"),
        ("disk_free_ratio", "host_disk_free_ratio"),
    ):
        values = _values(hosts, column)
        if values:
            columns[name] = min(values)
    return columns


def _sums(rows: Sequence[Mapping[str, float]], columns: Iterable[str]) -> dict[str, Any]:
    """Of each column that all rows have: a sum over some would read as a fall."""
    return {
        column: sum(row[column] for row in rows)
        for column in columns
        if rows and all(column in row for row in rows)
    }


def _most(rows: Sequence[Mapping[str, float]], column: str) -> dict[str, Any]:
    values = [row[column] for row in rows if column in row]
    return {column: max(values)} if values and len(values) == len(rows) else {}


def _values(readings: Iterable[Reading], column: str) -> list[float]:
    return [reading.values[column] for reading in readings if column in reading.values]
