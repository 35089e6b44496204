"""Each sample becomes rows of resources.csv and the columns of results.csv."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from reli.recorder.rates import Rates
from reli.recorder.sampler import Sampler
from reli.recorder.summary import Summary
from reli.recorder.told import Measured
from reli.sampling import SOURCES, Reading, Surroundings
from reli_analysis.errors import ReliError
from reli_analysis.record import MetricSpec, RecordWriter, RunInfo
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import (
    CGROUP,
    HOST,
    METRIC,
    METRICS_CSV,
    PROCESS,
    RESOURCES_CSV,
    TREE,
)
from support.sampled import HandClock, running

_WORKS = """
import os, sys, time
print(os.getpid(), flush=True)
for line in sys.stdin:
    until = time.process_time() + float(line)
    while time.process_time() < until: pass
    print("worked", flush=True)
"""


class Rig:
    """A sampler on a real record, with a clock that the test moves."""

    def __init__(self, directory: Path, *targets: str, **info: Any) -> None:
        self.clock = HandClock(0.0, time.time(), 1.0)
        self.events: list[tuple[str, str, str]] = []
        run = RunInfo(
            run_id="test",
            profile_name="test",
            started_wall_s=time.time(),
            started_monotonic_s=0.0,
            boot_id="",
            interval_s=1.0,
            targets=targets,
            **info,
        )
        self.writer = RecordWriter(directory, run)
        self.sampler = Sampler(
            self.writer, self.clock, targets, 60.0, lambda *event: self.events.append(event)
        )

    def sample(self) -> dict[str, Any]:
        self.clock.moved_s.append(1.0)
        columns, _measured = self.sampler.sample()
        self.writer.flush()
        return columns

    def rows(self, name: str = RESOURCES_CSV) -> dict[str, list[str]]:
        return read_table(self.writer.directory / name).columns

    def close(self) -> None:
        self.sampler.close()
        self.writer.close()


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Makes rigs and leaves no file of theirs open."""
    made: list[Rig] = []

    def make(*targets: str, **info: Any) -> Rig:
        made.append(Rig(tmp_path, *targets, **info))
        return made[-1]

    yield make
    for rig in made:
        rig.close()


Rigs = Callable[..., Rig]


@contextmanager
def _outside(program: str) -> Iterator[Any]:
    """A process that this one, which is the recorder here, has not started itself."""
    launch = "import os, subprocess, sys\n"
    launch += "subprocess.Popen([sys.executable, '-c', sys.argv[1]], start_new_session=True)\n"
    launch += "os._exit(0)"
    with running(launch, program) as launcher:
        launcher.wait()
        pid = int(launcher.said)  # type: ignore[attr-defined]  # set by running()
        try:
            yield pid, launcher
        finally:
            psutil.Process(pid).kill()


def test_the_target_s_sums_are_in_the_results(rigs: Rigs) -> None:
    """Levels are of the sample, rates from the second sample on, CPU as cores kept busy."""
    with _outside(_WORKS) as (pid, pipes):
        rig = rigs(f"pid:{pid}")
        first = rig.sample()
        pipes.stdin.write("0.4\n")
        pipes.stdin.flush()
        pipes.stdout.readline()
        second = rig.sample()
        process = psutil.Process(pid)
        assert second["rss_bytes"] == pytest.approx(process.memory_info().rss, abs=1 << 20)
        assert second["fds"] == process.num_fds()
        assert second["threads"] == second["processes"] == 1
        assert second["fds_ratio"] == process.num_fds() / process.rlimit(psutil.RLIMIT_NOFILE)[0]
        assert "cpu_cores" not in first
        assert second["cpu_cores"] == pytest.approx(0.4, abs=0.1)
        assert second["io_read_bytes_per_s"] >= 0
        assert (second["restarts"], second["oom_kills"]) == (0, 0)
        assert "uss_bytes" in first
        assert "uss_bytes" not in second
    kinds = rig.rows()["kind"]
    assert kinds.count(PROCESS) == kinds.count(TREE)


def test_the_recorder_and_the_generator_are_sampled_without_being_targets(rigs: Rigs) -> None:
    """Each has its role; what they start is not theirs, and the recorder is in no target."""
    with running("print('ready', flush=True); input()") as child:
        rig = rigs("self")
        rig.sampler.watch(os.getppid(), carries_load=True)
        columns = rig.sample()
        columns = rig.sample()
    assert "generator_cpu_cores" in columns
    rows = rig.rows()
    by_role: dict[str, set[str]] = {}
    for role, pid in zip(rows["role"], rows["pid"], strict=True):
        by_role.setdefault(role, set()).add(pid)
    assert by_role["recorder"] == {str(os.getpid())}
    assert by_role["generator"] == {str(os.getppid())}
    assert by_role["target"].isdisjoint({str(os.getpid()), str(child.pid)})


def test_a_target_may_be_added_while_it_runs(rigs: Rigs) -> None:
    """It is sampled from then on; one that makes no sense is refused and costs nothing."""
    with _outside(_WORKS) as (pid, _):
        rig = rigs()
        assert "rss_bytes" not in rig.sample()
        rig.sampler.add(f"pid:{pid}")
        with pytest.raises(ReliError, match="needs a process id"):
            rig.sampler.add("pid:x")
        assert rig.sample()["rss_bytes"] > 0


def test_a_process_of_two_targets_is_told_once(rigs: Rigs) -> None:
    """It counts in both of their sums; the second one's event names both."""
    with _outside(_WORKS) as (pid, _), _outside(_WORKS) as (other, _):
        name = psutil.Process(pid).name()
        rig = rigs(f"pid:{pid}", f"pid:{other}", f"name:{name}")
        assert rig.sample()["processes"] >= 4
        rig.sample()
        with _outside(_WORKS):
            assert rig.sample()["processes"] >= 5
        told = [event for event in rig.events if "results.csv" in event[2]]
        text = f"pid {pid} belongs to pid:{pid} and to name:{name}: what both have counts twice "
        assert told == [("sampling", f"name:{name}", text + "in the sums of results.csv")]


def test_targets_are_compared_when_their_processes_change(rigs: Rigs) -> None:
    """Two that come to share a process later are told then; those that share none never are."""
    with _outside(_WORKS) as (pid, _), running("print(1, flush=True); input()") as child:
        rig = rigs(f"pid:{pid}", f"pid:{child.pid}")
        rig.sample()
        rig.sample()
        assert [event for event in rig.events if "results.csv" in event[2]] == []
        rig.sampler.add(f"cmd:^{re.escape(psutil.Process(pid).cmdline()[0])} ")
        rig.sample()
        (told,) = [event for event in rig.events if "results.csv" in event[2]]
        assert told[2].startswith(f"pid {pid} belongs to pid:{pid} and to cmd:")


@dataclass(frozen=True)
class _Fails:
    """A target whose source is wrong."""

    def open(self, surroundings: Surroundings) -> _Fails:
        del surroundings
        return self

    def sample(self) -> Iterable[Reading]:
        yield Reading(HOST, "half", {"memory_bytes": 1.0})
        raise ZeroDivisionError("a mistake")

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of target that fails."""
    known = SOURCES.get

    def get(name: str) -> Callable[[str], Any]:
        return (lambda _: _Fails()) if name == "failing" else known(name)

    monkeypatch.setattr(SOURCES, "get", get)


@pytest.mark.usefixtures("failing")
def test_a_source_that_fails_costs_its_own_readings(rigs: Rigs) -> None:
    """The others go on, and it is told once."""
    with _outside(_WORKS) as (pid, _):
        rig = rigs("failing", f"pid:{pid}")
        for _ in range(3):
            assert rig.sample()["rss_bytes"] > 0
    troubles = [event for event in rig.events if event[1] == "failing"]
    text = "its source failed, and may again: ZeroDivisionError: a mistake"
    assert troubles == [("sampling", "failing", text)]
    assert "half" not in rig.rows()["process"]


@dataclass(frozen=True)
class _TakesItsTime:
    """A target that works on one core without a pause; reading it takes half a second at times."""

    clock: HandClock

    def open(self, surroundings: Surroundings) -> _TakesItsTime:
        del surroundings
        return self

    def sample(self) -> Iterable[Reading]:
        yield Reading(HOST, "slow", {"cpu_s": self.clock.elapsed_s(), "cores": 1.0})
        self.clock.moved_s.append(0.5 * (len(self.clock.moved_s) % 3))

    def close(self) -> None:
        """Nothing is open."""


def test_rates_are_by_the_moment_of_the_reading(
    rigs: Rigs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that others held up is not taken for busier than it was."""
    rig = rigs()
    known = SOURCES.get

    def get(name: str) -> Callable[[str], Any]:
        return (lambda _: _TakesItsTime(rig.clock)) if name == "slow" else known(name)

    monkeypatch.setattr(SOURCES, "get", get)
    rig.sampler.add("slow")
    rig.sampler.add("slow")
    for _ in range(4):
        rig.sample()
    rows = rig.rows()
    cores = [
        cell for kind, cell in zip(rows["kind"], rows["cpu_cores"], strict=True) if kind == HOST
    ]
    assert set(cores) <= {"", "1"}
    assert "1" in cores


def _of(source: str, kind: str, segment: int = 0, **values: float) -> Measured:
    reading = Reading(kind, source, values, pid=7 if kind == TREE else 0, segment=segment)
    return Measured("target", source, reading)


def test_a_sum_needs_every_target_that_was_there() -> None:
    """One that is gone would read as a fall; one that has not come yet is not missed."""
    summary = Summary([])
    one, two = _of("one", TREE, rss_bytes=5.0), _of("two", TREE, rss_bytes=7.0)
    assert summary.of([one], 1.0)["rss_bytes"] == 5
    assert summary.of([one, two], 2.0)["rss_bytes"] == 12
    assert "rss_bytes" not in summary.of([one], 3.0)
    assert summary.of([one, two], 4.0)["rss_bytes"] == 12


def test_restarts_are_counted_over_all_targets_and_never_fall() -> None:
    """A target that is gone keeps its count; a cgroup's own tree does not count twice."""
    summary = Summary([])
    cgroup = [_of("cgroup:/a", CGROUP, 2), _of("cgroup:/a", TREE, 2)]
    assert summary.of([*cgroup, _of("one", TREE, 1)], 1.0)["restarts"] == 3
    assert summary.of([], 2.0)["restarts"] == 3
    assert summary.of([_of("one", TREE, 4)], 3.0)["restarts"] == 6


def test_kills_are_those_since_the_run_began() -> None:
    """A cgroup's count began before the run, and begins anew when it is made again."""
    summary = Summary([])
    kills = [
        summary.of([_of("cgroup:/a", CGROUP, oom_kills=count)], at)["oom_kills"]
        for at, count in enumerate((5.0, 6.0, 0.0, 2.0))
    ]
    assert kills == [0, 1, 1, 3]
    trees = [_of("one", TREE, oom_kills=1.0), _of("host", HOST, oom_kills=9.0)]
    assert summary.of(trees, 9.0)["oom_kills"] == 4


def test_hosts_and_cgroups_fill_their_columns() -> None:
    """Of several hosts, the worst counts; a cgroup's working set is a sum."""
    columns = Summary([]).of(
        [
            _of("host", HOST, cpu_cores=1.0, cores=4.0, memory_available_bytes=5.0),
            _of("agent:b:1", HOST, cpu_cores=3.0, cores=4.0, disk_free_ratio=0.25),
            _of("cgroup:/a", CGROUP, working_set_bytes=5.0, throttled_ratio=0.5),
            _of("cgroup:/b", CGROUP, working_set_bytes=6.0, throttled_ratio=0.25),
        ],
        1.0,
    )
    assert columns["working_set_bytes"] == 11
    assert columns["throttled_ratio"] == 0.5
    assert columns["host_cpu_ratio"] == 0.75
    assert columns["host_disk_free_ratio"] == 0.25
    assert columns["host_memory_available_bytes"] == 5


def test_named_numbers_of_targets_are_columns_of_the_run(rigs: Rigs) -> None:
    """Only those that the run knows by name; all are rows of metrics.csv."""
    summary = Summary(["heap_bytes"])
    newest = Measured("target", "p", Reading(METRIC, "heap_bytes", {"value": 8.0}, elapsed_s=2.0))
    older = Measured("target", "p", Reading(METRIC, "heap_bytes", {"value": 7.0}, elapsed_s=1.0))
    other = Measured("target", "p", Reading(METRIC, "rows_total", {"value": 1.0}))
    assert summary.of([newest, older, other], 2.0) == {"heap_bytes": 8.0}
    specs = (MetricSpec("heap_bytes", "gauge", "the heap", "bytes"),)
    rig = rigs(metrics=specs)
    for each in (newest, older, other):
        rig.sampler._write(each, 2.0)
    rig.writer.flush()
    assert rig.rows(METRICS_CSV)["metric"] == ["heap_bytes", "heap_bytes", "rows_total"]
    assert rig.rows(METRICS_CSV)["elapsed_s"] == ["2", "1", "2"]


def test_a_counter_that_falls_has_no_rate() -> None:
    """It is another thing's counter by then; and what is gone is forgotten."""
    rates = Rates()
    assert rates.per_s("a", 1.0, 10.0) is None
    assert rates.per_s("a", 3.0, 14.0) == 2.0
    assert rates.per_s("a", 3.0, 14.0) is None
    assert rates.per_s("a", 4.0, 2.0) is None
    for at_s in range(5, 1000):
        rates.per_s(at_s, float(at_s), 1.0)
        rates.forget(float(at_s))
    assert len(rates._before) < 300
