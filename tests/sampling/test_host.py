"""The host is read from its own small files; its disks are asked in a thread."""

from __future__ import annotations

import mmap
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.clock import RunClock
from reli.sampling import Surroundings, host, host_disks, host_files, parse_target
from reli.sampling.host import Host
from reli_analysis.errors import InputError
from reli_analysis.record.layout import HOST, RESOURCES_COLUMNS

GB = 1 << 30


@contextmanager
def _host(record: Path | None = None) -> Iterator[tuple[Host, list[tuple[str, ...]]]]:
    events: list[tuple[str, ...]] = []
    surroundings = Surroundings(
        RunClock.begin(1.0), lambda *event: events.append(event), record=record
    )
    source = Host(surroundings)
    try:
        yield source, events
    finally:
        source.close()


def _values(source: Host) -> Mapping[str, float]:
    (reading,) = source.sample()
    assert reading.kind == HOST
    assert reading.name == socket.gethostname()
    return reading.values


def _until(source: Host, column: str) -> Mapping[str, float]:
    """All that was told up to the sample that has a column; disks answer in their own time."""
    until_s = time.monotonic() + 10
    values = dict(_values(source))
    while column not in values:
        assert time.monotonic() < until_s
        time.sleep(0.01)
        values |= _values(source)
    return values


def test_the_host_is_what_the_system_says() -> None:
    """CPU, memory, faults and traffic agree with another reader of the same."""
    with _host() as (source, events):
        values = _until(source, "disk_free_bytes")
    memory, times = psutil.virtual_memory(), psutil.cpu_times()
    assert values["cores"] == psutil.cpu_count()
    assert values["memory_limit_bytes"] == memory.total
    assert values["memory_available_bytes"] == pytest.approx(memory.available, rel=0.1)
    assert values["memory_bytes"] == values["memory_limit_bytes"] - values["memory_available_bytes"]
    assert values["swap_bytes"] == psutil.swap_memory().used
    assert values["cpu_user_s"] == pytest.approx(times.user + times.nice, rel=0.01, abs=1)
    assert values["cpu_s"] >= round(values["cpu_user_s"] + values["cpu_system_s"], 2)
    assert values["context_switches"] == pytest.approx(psutil.cpu_stats().ctx_switches, rel=0.01)
    assert values.keys() <= {column.name for column in RESOURCES_COLUMNS}
    assert values["sockets_listen"] >= 0
    assert [event for event in events if "cannot be read" in event[2]] == []


def _touch_pages() -> None:
    """A thousand page faults: an allocator would keep its pages, and huge ones are few."""
    with mmap.mmap(-1, 1024 * mmap.PAGESIZE) as pages:
        pages.madvise(mmap.MADV_NOHUGEPAGE)
        for at in range(0, len(pages), mmap.PAGESIZE):
            pages[at] = 1


def test_counters_of_the_host_grow_with_what_happens() -> None:
    """Page faults, context switches and CPU time of this very process are among them."""
    with _host() as (source, _events):
        before = _values(source)
        until_s = time.process_time() + 0.3
        while time.process_time() < until_s:
            _touch_pages()
        time.sleep(0.01)
        after = _values(source)
    assert after["cpu_s"] >= before["cpu_s"] + 0.15
    assert after["minor_faults"] >= before["minor_faults"] + 1000
    assert after["context_switches"] > before["context_switches"]


def test_connections_that_a_full_queue_refuses_are_counted() -> None:
    """A listener that accepts none of twenty connections drops some."""
    with _host() as (source, _events), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        before = _values(source)["listen_drops"]
        clients = [socket.socket() for _ in range(20)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        after = _values(source)["listen_drops"]
        for client in clients:
            client.close()
    assert after > before


def test_segments_that_are_sent_again_are_counted() -> None:
    """The kernel's names are found in its pairs of lines, whatever stands around them."""
    text = "Ip: A B\nIp: 1 2\nTcp: RtoMin RetransSegs InErrs\nTcp: 200 17 0\n"
    assert host_files.parse_counters(text, {("Tcp", "RetransSegs"): "tcp_retransmits"}) == {
        "tcp_retransmits": 17
    }


def test_faults_that_needed_no_disk_are_told_apart() -> None:
    """The kernel counts all faults, and among them the major ones; kills only on newer kernels."""
    text = "pgfault 1000\npgmajfault 40\n"
    faults = {"minor_faults": 960, "major_faults": 40}
    assert host_files.parse_vmstat(text) == faults
    assert host_files.parse_vmstat(f"{text}oom_kill 3\n") == {**faults, "oom_kills": 3}


NET_DEV = """Inter-|   Receive                            |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop
    lo: 900 1 0 0 0 0 0 0 900 1 0 0 0 0 0 0
  eth0: 100 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0
docker0: 60 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0
"""


@pytest.mark.parametrize(
    ("hardware", "received", "sent"), [({"eth0"}, 100, 10), (set[str](), 160, 16)]
)
def test_bytes_are_counted_once(hardware: set[str], received: int, sent: int) -> None:
    """Loopback never counts, and what has no hardware only where nothing has (in a container)."""
    assert host_files.parse_net_dev(NET_DEV, hardware.__contains__) == {
        "net_received_bytes": received,
        "net_sent_bytes": sent,
    }


MOUNTS = """22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
28 27 254:0 /srv /bound rw - ext4 /dev/vda rw
29 27 254:16 / /data\\040disk rw shared:1 - xfs /dev/vdb rw
30 27 7:0 / /snap ro - squashfs /dev/loop0 ro
31 27 0:50 / /net rw - nfs4 server:/ rw
32 27 0:51 / /pool rw - zfs tank rw
33 27 0:52 / /run rw - tmpfs tmpfs rw
"""
NODEV = host_disks.kinds_without_device(
    "nodev\tproc\nnodev\ttmpfs\nnodev\tnfs4\nnodev\tzfs\n\text4"
)


def test_only_disks_of_this_host_count_and_each_once() -> None:
    """Not the kernel's own file systems, the network's, bound directories or read-only images."""
    assert list(host_disks.disks(MOUNTS, NODEV)) == ["/", "/data disk", "/pool"]


def test_a_containers_root_is_a_disk() -> None:
    """It is a layer upon one."""
    mounts = "1 0 0:40 / / rw - overlay overlay rw,lowerdir=/a\n"
    assert list(host_disks.disks(mounts, frozenset({"overlay"}))) == ["/"]


@given(st.text(alphabet="rw/ -:0123456789\\\n\tab", max_size=200))
def test_any_mounts_are_read(text: str) -> None:
    """What is no line of it is passed over."""
    list(host_disks.disks(text, NODEV))


def test_the_fullest_disk_counts_and_the_records_own_is_one(tmp_path: Path) -> None:
    """A record on a small file system that is nearly full shows in the host's free space."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m,nr_inodes=50", "none", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        (tmp_path / "full").write_bytes(bytes(3 << 20))
        with _host(record=tmp_path) as (source, _events):
            values = _until(source, "disk_free_bytes")
        usage = shutil.disk_usage(tmp_path)
        assert values["disk_free_bytes"] == usage.free == 1 << 20
        assert values["disk_free_ratio"] == pytest.approx(0.25)
        assert values["disk_free_inodes"] == os.statvfs(tmp_path).f_favail < 50
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_disk_that_is_gone_is_left_out(tmp_path: Path) -> None:
    """The others still count; without any there is no column."""
    assert host_disks.free([str(tmp_path / "gone")]) == {}
    assert host_disks.free([str(tmp_path / "gone"), str(tmp_path)]).keys() >= {"disk_free_bytes"}


def test_disks_are_told_however_long_an_interval_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked at one sample is taken at the next, and is not too old by then."""
    monkeypatch.setattr(host, "_DISKS_FRESH_S", 0.0)
    with _host() as (source, events):
        source._disks.ask()
        deadline = time.monotonic() + 10
        while source._disks.newest() is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert "disk_free_bytes" in _values(source)
    assert [event for event in events if event[0] != "pace"] == []


def test_a_disk_that_hangs_holds_up_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the sample is there, the disk's columns stay empty, and that is told once."""
    answer = threading.Event()
    monkeypatch.setattr(host, "free", lambda _places: answer.wait(60) and {})
    monkeypatch.setattr(host, "_DISKS_FRESH_S", 0.0)
    monkeypatch.setattr(host, "_DISKS_FRESH_INTERVALS", 0.0)
    with _host() as (source, events):
        for _ in range(3):
            values = _values(source)
            assert "cpu_s" in values
            assert "disk_free_bytes" not in values
        answer.set()
    (event,) = [event for event in events if event[0] != "pace"]
    assert event[:2] == ("sampling", "host")
    assert "the disks cannot be read" in event[2]


def test_a_file_that_cannot_be_read_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its columns are empty, never 0, and all others are there."""
    files = [("/proc/stat.missing", host_files.parse_stat), *host._FILES[1:]]
    monkeypatch.setattr(host, "_FILES", files)
    with _host() as (source, events):
        for _ in range(2):
            values = _values(source)
            assert "cpu_s" not in values
            assert "memory_bytes" in values
    (event,) = [event for event in events if event[0] != "pace"]
    assert event[0] == "sampling"
    assert "/proc/stat.missing" in event[2]


@pytest.mark.parametrize(
    "parse",
    [
        host_files.parse_stat,
        host_files.parse_meminfo,
        host_files.parse_vmstat,
        lambda text: host_files.parse_counters(text, {("Tcp", "A"): "tcp_retransmits"}),
        lambda text: host_files.parse_net_dev(text, lambda _name: True),
    ],
)
@given(text=st.text(alphabet="cpu Tcp:A0123456789\n -kB", max_size=120))
def test_a_torn_file_is_an_error_that_is_known(
    parse: Callable[[str], Mapping[str, float]], text: str
) -> None:
    """Whatever is in it, nothing else than the errors that the source expects is raised."""
    with suppress(ValueError, KeyError, IndexError):
        parse(text)


def test_host_takes_no_argument() -> None:
    """For another host there is the agent, and the sentence says so."""
    with pytest.raises(InputError, match="agent:HOST:PORT"):
        parse_target("host:db1")
