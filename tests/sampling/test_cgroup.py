"""A cgroup is read from its files, and the processes in it with it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.clock import RunClock
from reli.sampling import Reading, Source, Surroundings, parse_target
from reli.sampling.cgroup import Cgroup
from reli.sampling.cgroup_paths import Hierarchies, Hierarchy, processes_below
from reli_analysis.errors import InputError
from reli_analysis.record.layout import CGROUP, PROCESS, RESOURCES_COLUMNS, TREE
from support.cgroups import TOP, RealCgroup, real_cgroup

MB = 1 << 20
Event = tuple[str, str, str]

HOLD = """
import mmap, sys
held = mmap.mmap(-1, int(sys.argv[1]))
held.write(b"x" * len(held))
with open(sys.argv[2], "wb") as file:
    file.write(b"y" * int(sys.argv[3]))
print("ready", flush=True)
sys.stdin.read()
"""
"""Holds so much memory, and so much page cache by a file."""

SPIN = """
import sys, threading
print("ready", flush=True)
threading.Thread(target=sys.stdin.read, daemon=True).start()
while threading.active_count() > 1:
    pass
"""

GROW = """
import mmap, sys
sys.stdin.readline()
held = mmap.mmap(-1, int(sys.argv[1]))
held.write(b"x" * len(held))
"""


def _own(path: str) -> str:
    """A path that no test at the same time has."""
    return f"{path}-{os.getpid()}"


@contextmanager
def _sampled(path: str) -> Iterator[tuple[Source, list[Event]]]:
    events: list[Event] = []
    surroundings = Surroundings(RunClock.begin(1.0), lambda *event: events.append(event))
    source = parse_target(f"cgroup:{path}").target.open(surroundings)
    try:
        yield source, events
    finally:
        source.close()


def _one(source: Source, kind: str = CGROUP) -> Reading:
    (reading,) = [reading for reading in source.sample() if reading.kind == kind]
    return reading


def _until(source: Source, holds: Callable[[list[Reading]], bool]) -> list[Reading]:
    """The first sample of which that holds."""
    until_s = time.monotonic() + 20
    while not holds(readings := list(source.sample())):
        assert time.monotonic() < until_s, readings
        time.sleep(0.02)
    return readings


def _changes(events: list[Event]) -> list[Event]:
    """Without what the few controllers of a test do not tell."""
    return [event for event in events if event[0] not in {"sampling", "pace"}]


def _ready(program: object) -> None:
    assert program.stdout.readline() == "ready\n"  # type: ignore[attr-defined] # a Popen with pipes


def test_memory_is_what_the_cgroup_is_charged_for(tmp_path: Path) -> None:
    """The working set leaves out the page cache that is not in use; the limit is the cgroup's."""
    with (
        real_cgroup(_own("/reli-memory"), "memory") as cgroup,
        _sampled(cgroup.path) as (source, events),
    ):
        cgroup.set("memory", "memory.limit_in_bytes", 200 * MB)
        with cgroup.run(HOLD, str(32 * MB), str(tmp_path / "file"), str(24 * MB)) as program:
            _ready(program)
            values = _one(source).values
            usage = (cgroup.directories["memory"] / "memory.usage_in_bytes").read_text()
            program.kill()
    assert values.keys() <= {column.name for column in RESOURCES_COLUMNS}
    assert values["memory_bytes"] == pytest.approx(int(usage), rel=0.05)
    assert values["memory_bytes"] >= 56 * MB
    assert 32 * MB <= values["working_set_bytes"] <= values["memory_bytes"] - 20 * MB
    assert values["memory_limit_bytes"] == 200 * MB
    assert values["swap_bytes"] == 0
    assert values["oom_kills"] == 0
    assert "pids" not in values
    assert [event for event in events if event[0] != "pace"] == []


def test_a_kill_for_lack_of_memory_is_counted() -> None:
    """The kernel kills what outgrows the limit; the cgroup's count and the exit's cause say so."""
    with (
        real_cgroup(_own("/reli-oom"), "memory") as cgroup,
        _sampled(cgroup.path) as (source, events),
    ):
        cgroup.set("memory", "memory.limit_in_bytes", 32 * MB)
        with cgroup.run(GROW, str(256 * MB)) as program:
            _until(source, lambda readings: len(readings) > 1)
            program.stdin.write("\n")  # type: ignore[union-attr] # it has pipes
            program.stdin.flush()  # type: ignore[union-attr] # as above
            assert program.wait(20) == -signal.SIGKILL
            values = _one(source).values
    assert values["oom_kills"] == 1
    assert values["memory_bytes"] < 32 * MB
    (end,) = [event for event in events if event[0] == "exit"]
    assert end[2].startswith(f"pid {program.pid} ")
    assert end[2].endswith("was killed by the kernel for lack of memory")


def test_a_limit_above_counts() -> None:
    """A pod's limits hold for the containers in it."""
    with real_cgroup(_own("/reli-pod"), "memory", "pids", "cpu") as pod:
        pod.set("memory", "memory.limit_in_bytes", 64 * MB)
        pod.set("pids", "pids.max", 30)
        pod.set("cpu", "cpu.cfs_quota_us", 150_000)
        inner = RealCgroup(f"{pod.path}/inner", ["memory", "pids", "cpu"])
        inner.make()
        inner.set("pids", "pids.max", 40)
        with _sampled(inner.path) as (source, _events):
            values = _one(source).values
    assert values["memory_limit_bytes"] == 64 * MB
    assert values["pids_limit"] == 30
    assert values["cores"] == 1.5


def test_a_quota_that_is_hit_shows() -> None:
    """A loop with a fifth of a core waits in nearly every period, and uses what it may."""
    with (
        real_cgroup(_own("/reli-quota"), "cpu", "cpuacct", "pids") as cgroup,
        _sampled(cgroup.path) as (source, _events),
    ):
        cgroup.set("cpu", "cpu.cfs_quota_us", 20_000)
        with cgroup.run(SPIN) as program:
            _ready(program)
            first = _one(source).values
            began_s = time.monotonic()
            readings = _until(
                source,
                lambda readings: readings[0].values["throttled_s"] > first["throttled_s"] + 1,
            )
            program.kill()
    values = readings[0].values
    assert "throttled_ratio" not in first
    assert values["throttled_ratio"] > 0.5
    assert values["throttled_s"] - first["throttled_s"] <= 2 * (time.monotonic() - began_s)
    assert values["cores"] == pytest.approx(0.2)
    assert values["cpu_s"] > first["cpu_s"]
    assert values["cpu_s"] == pytest.approx(values["cpu_user_s"] + values["cpu_system_s"], abs=0.2)
    assert values["pids"] == 2


def test_a_cgroup_without_work_has_no_share_of_throttled_periods() -> None:
    """There was no period of which it could be a share."""
    with (
        real_cgroup(_own("/reli-idle"), "cpu") as cgroup,
        _sampled(cgroup.path) as (source, _events),
    ):
        cgroup.set("cpu", "cpu.cfs_quota_us", 20_000)
        for _ in range(2):
            values = _one(source).values
            assert values["throttled_s"] == 0
            assert "throttled_ratio" not in values


def test_bytes_from_and_to_storage_are_counted(tmp_path: Path) -> None:
    """What a process syncs to a disk is charged to its cgroup, once the kernel counts there."""
    program = (
        "import os, sys\n"
        "with open(sys.argv[1], 'wb', buffering=0) as file:\n"
        "    file.write(os.urandom(4 << 20))\n"
        "    os.fsync(file.fileno())\n"
    )
    with (
        real_cgroup(_own("/reli-storage"), "blkio", "memory") as cgroup,
        _sampled(cgroup.path) as (source, events),
    ):
        assert "io_written_bytes" not in {**_one(source).values, **_one(source).values}
        assert "storage of the cgroup cannot be read: no device counts it" in events[-1][2]
        device = tmp_path.stat().st_dev
        rule = f"{os.major(device)}:{os.minor(device)} {1 << 40}"
        try:
            cgroup.set("blkio", "blkio.throttle.write_bps_device", rule)
        except OSError:
            pytest.skip("the temporary directory lies on no block device")
        with cgroup.run(program, str(tmp_path / "file")) as writing:
            assert writing.wait(20) == 0
        values = _one(source).values
    assert values["io_written_bytes"] >= 4 * MB
    assert values["io_read_bytes"] >= 0


def test_the_processes_in_it_and_below_are_its_tree() -> None:
    """They are those that the kernel counts there, whoever started them."""
    wait = "import sys; print('ready', flush=True); sys.stdin.read()"
    with (
        real_cgroup(_own("/reli-tree"), "memory") as cgroup,
        _sampled(cgroup.path) as (source, _events),
    ):
        inner = RealCgroup(f"{cgroup.path}/inner", ["memory"])
        inner.make()
        with cgroup.run(wait) as outside, inner.run(wait) as inside:
            _ready(outside)
            _ready(inside)
            readings = list(source.sample())
            outside.kill()
            inside.kill()
    assert [reading.kind for reading in readings].count(TREE) == 1
    pids = {reading.pid for reading in readings if reading.kind == PROCESS}
    assert pids == {outside.pid, inside.pid}


def test_a_cgroup_that_is_removed_and_comes_back_is_a_new_segment() -> None:
    """Each time once, as events; in between there is nothing to tell, and never an error."""
    with (
        real_cgroup(_own("/reli-gone"), "memory", "pids") as cgroup,
        _sampled(cgroup.path) as (
            source,
            events,
        ),
    ):
        assert _one(source).segment == 0
        cgroup.remove()
        assert [list(source.sample()) for _ in range(3)] == [[], [], []]
        cgroup.make()
        assert _one(source).segment == 1
    assert [event[:2] for event in _changes(events)] == [
        ("vanished", f"cgroup:{cgroup.path}"),
        ("appeared", f"cgroup:{cgroup.path}"),
    ]
    assert "segment 1 begins" in _changes(events)[1][2]


def test_a_cgroup_that_is_replaced_between_two_samples_is_a_new_segment() -> None:
    """Its counters begin anew, so no rate is drawn from the old to the new one."""
    with (
        real_cgroup(_own("/reli-new"), "memory") as cgroup,
        _sampled(cgroup.path) as (source, events),
    ):
        assert _one(source).segment == 0
        cgroup.remove()
        cgroup.make()
        assert _one(source).segment == 1
    (event,) = _changes(events)
    assert event[0] == "appeared"
    assert "replaced by a new one" in event[2]


def test_a_cgroup_may_appear_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """That it is not there yet is told once, after a while, and its first segment is 0."""
    monkeypatch.setattr("reli.sampling.cgroup._PATIENCE_S", 0.0)
    with real_cgroup(_own("/reli-late"), "memory") as cgroup:
        cgroup.remove()
        with _sampled(cgroup.path) as (source, events):
            assert [list(source.sample()) for _ in range(3)] == [[], [], []]
            cgroup.make()
            assert _one(source).segment == 0
    assert [event[0] for event in _changes(events)] == ["vanished", "appeared"]
    assert "not there yet" in _changes(events)[0][2]


def test_what_no_controller_tells_is_empty_and_told_once() -> None:
    """In version 2 without controllers there is CPU time, and neither memory nor pids."""
    with (
        real_cgroup(_own("/reli-bare"), "unified") as cgroup,
        _sampled(cgroup.path) as (source, events),
    ):
        with cgroup.run(SPIN) as program:
            _ready(program)
            readings = _until(source, lambda readings: readings[0].values["cpu_s"] > 0.1)
            program.kill()
        for _ in range(3):
            list(source.sample())
    assert "memory_bytes" not in readings[0].values
    assert "pids" not in readings[0].values
    assert program.pid in {reading.pid for reading in readings}
    (event,) = [event for event in events if "of the cgroup cannot" in event[2]]
    assert "memory, the number of processes, storage" in event[2]


def test_a_directory_names_the_same_cgroup() -> None:
    """A path below /sys/fs/cgroup is what ``systemd-cgls`` and ``find`` show."""
    with (
        real_cgroup(_own("/reli-path"), "memory", "pids") as cgroup,
        _sampled(str(cgroup.directories["memory"])) as (source, _events),
    ):
        reading = _one(source)
    assert reading.name == cgroup.path.rpartition("/")[2]
    assert reading.values.keys() >= {"memory_bytes", "pids"}


V2 = {
    "memory.current": "104857600",
    "memory.max": "max",
    "memory.stat": "anon 62914560\nfile 41943040\ninactive_file 31457280\n",
    "memory.swap.current": "4096",
    "memory.events": "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n",
    "cpu.stat": "usage_usec 3500000\nuser_usec 2500000\nsystem_usec 1000000\n"
    "nr_periods 100\nnr_throttled 25\nthrottled_usec 750000\n",
    "cpu.max": "50000 100000",
    "pids.current": "7",
    "pids.max": "100",
    "io.stat": "254:0 rbytes=1000 wbytes=200 rios=1 wios=1\n254:16 rbytes=24 wbytes=0 rios=1 wios=0\n",
    "cgroup.procs": "",
}
"""Files of version 2 as the kernel's documentation (cgroup-v2.rst) writes them."""


def _version_2(top: Path, path: str, files: dict[str, str]) -> Path:
    directory = top / path
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / name).write_text(text, encoding="ascii")
    return directory


def test_version_2_is_read_from_its_one_hierarchy(tmp_path: Path) -> None:
    """The files are made up here: this hierarchy's controllers may be version 1's elsewhere."""
    directory = _version_2(tmp_path, "pod/web", V2)
    _version_2(
        tmp_path, "pod", {"memory.max": str(256 * MB), "pids.max": "50", "cpu.max": "max 100000"}
    )
    surroundings = Surroundings(RunClock.begin(1.0), lambda *_: None)
    hierarchies = Hierarchies([Hierarchy(2, str(tmp_path))])
    source = Cgroup(surroundings, "cgroup:/pod/web", "web", lambda: "/pod/web", hierarchies)
    expected = {
        "memory_bytes": 104857600,
        "memory_limit_bytes": 256 * MB,
        "working_set_bytes": 73400320,
        "swap_bytes": 4096,
        "oom_kills": 2,
        "cpu_s": 3.5,
        "cpu_user_s": 2.5,
        "cpu_system_s": 1.0,
        "throttled_s": 0.75,
        "cores": 0.5,
        "pids": 7,
        "pids_limit": 50,
        "io_read_bytes": 1024,
        "io_written_bytes": 200,
    }
    assert _one(source).values == expected
    stat = V2["cpu.stat"].replace("nr_periods 100", "nr_periods 110")
    (directory / "cpu.stat").write_text(stat.replace("nr_throttled 25", "nr_throttled 33"))
    assert _one(source).values == {**expected, "throttled_ratio": 0.8}


def test_a_new_cgroup_has_no_share_of_periods_with_the_old_one(tmp_path: Path) -> None:
    """It may have had more periods than the one before it, in which nothing was throttled."""
    surroundings = Surroundings(RunClock.begin(1.0), lambda *_: None)
    hierarchies = Hierarchies([Hierarchy(2, str(tmp_path))])
    source = Cgroup(surroundings, "cgroup:/web", "web", lambda: "/web", hierarchies)
    directory = _version_2(tmp_path, "web", V2)
    assert _one(source).segment == 0
    directory.rename(tmp_path / "old")
    _version_2(tmp_path, "web", {**V2, "cpu.stat": "nr_periods 900\nnr_throttled 25\n"})
    reading = _one(source)
    assert reading.segment == 1
    assert "throttled_ratio" not in reading.values


HYBRID = """31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 /docker/abc /sys/fs/cgroup/mem\\040ory rw - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
50 31 0:38 / /elsewhere rw - cgroup2 cgroup2 rw
"""


def test_a_hybrid_host_has_each_controller_in_one_hierarchy() -> None:
    """The mounts say which; version 2 comes last."""
    hierarchies = Hierarchies.parse(HYBRID)
    assert [one.version for one in hierarchies.mounted] == [1, 1, 1, 2]
    cpu, *rest = hierarchies.of("cpuacct")
    assert cpu.directory("/a/b") == "/sys/fs/cgroup/cpu,cpuacct/a/b"
    assert [one.mount for one in rest] == ["/sys/fs/cgroup/unified"]
    memory = next(hierarchies.of("memory"))
    assert memory.directory("/docker/abc/inner") == "/sys/fs/cgroup/mem ory/inner"
    assert memory.directory("/docker/abc") == "/sys/fs/cgroup/mem ory"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b"),
        ("/sys/fs/cgroup/unified/a", "/a"),
        ("/sys/fs/cgroup/mem ory/inner", "/docker/abc/inner"),
        ("/sys/fs/cgroup/unified", "/"),
        ("/sys/fs/cgroup/unifiedly", "/sys/fs/cgroup/unifiedly"),
    ],
)
def test_a_path_may_be_a_directory(text: str, path: str) -> None:
    """What lies below a mounted hierarchy is meant within it."""
    assert Hierarchies.parse(HYBRID).path(text) == path


@given(st.text(alphabet="cgroup2 /-:rw,0123456789\\\n", max_size=200))
def test_any_mounts_are_read(text: str) -> None:
    """What is no line of it is passed over."""
    Hierarchies.parse(text)


@given(st.dictionaries(st.sampled_from(sorted(V2)), st.text("max 0159\n=rbytes", max_size=20)))
def test_torn_files_are_empty_columns(files: dict[str, str]) -> None:
    """Whatever the files hold, sampling goes on, and what is told are numbers."""
    surroundings = Surroundings(RunClock.begin(1.0), lambda *_: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "reli.sampling.cgroup_files.text", lambda _directory, name: files.get(name, "1")
        )
        hierarchies = Hierarchies([Hierarchy(2, str(TOP))])
        source = Cgroup(surroundings, "cgroup:/", "/", lambda: "/", hierarchies)
        source._processes.sample = tuple  # type: ignore[method-assign] # not of interest
        for reading in [*source.sample(), *source.sample()]:
            assert all(isinstance(value, int | float) for value in reading.values.values())


def test_processes_are_bounded(tmp_path: Path) -> None:
    """A host's whole tree of cgroups does not become one target of a million processes."""
    for number in range(5):
        _version_2(tmp_path, f"c{number}", {"cgroup.procs": "1\n2\n3\n"})
    assert len(processes_below(str(tmp_path), 8)) == 8


@pytest.mark.parametrize("text", ["cgroup:web", "cgroup:/a/../b", "cgroup:../x"])
def test_a_cgroup_needs_a_path(text: str) -> None:
    """The sentence shows one."""
    with pytest.raises(InputError, match=r"cgroup:/system\.slice/nginx\.service"):
        parse_target(text)
