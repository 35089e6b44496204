"""Sockets are counted by state: those of processes by inode, those of the host by the kernel."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from reli.clock import RunClock
from reli.sampling import Surroundings, parse_target, socket_tables
from reli.sampling.sockets import Sockets
from reli_analysis.record.layout import PROCESS, TREE

LEAKY = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
leaked = []
for _ in range(int(sys.argv[1])):
    client = socket.create_connection(listener.getsockname())
    leaked.append(listener.accept()[0])
    client.close()
print("ready", flush=True)
sys.stdin.read()
"""
"""Its peers close, and it never does: so many sockets stay in CLOSE_WAIT."""

AS_HOST = """
import json
from reli.sampling.sockets import Sockets
pairs = [(socket.create_connection(listener.getsockname()), listener.accept()[0]) for _ in range(2)]
for end in pairs.pop():
    end.close()  # the first to close waits
datagrams, unix = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX)
print(json.dumps(Sockets().states()))
"""

ALONE = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"')
"""Runs a command in a network namespace of its own."""


@contextmanager
def _connections(count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Connections within this process, as pairs of their two ends."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1))
        pairs = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(listener.getsockname()))
            pairs.append((client, stack.enter_context(listener.accept()[0])))
        yield pairs


def _inode(one: socket.socket) -> int:
    return os.fstat(one.fileno()).st_ino


def _inodes_of(pid: int) -> list[int]:
    links = [link.readlink() for link in Path(f"/proc/{pid}/fd").iterdir()]
    return [int(str(link)[8:-1]) for link in links if str(link).startswith("socket:")]


@contextmanager
def _leaky(count: int, *before: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*before, sys.executable, "-c", LEAKY, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as leaky:
        assert leaky.stdout is not None
        if leaky.stdout.readline() != "ready\n":
            pytest.skip(f"{' '.join(before[:2])} is not permitted here")
        yield leaky
        leaky.kill()


def test_sockets_are_told_by_state() -> None:
    """What is connected, listens, was closed by the peer, or is no TCP has its own count."""
    with (
        _connections(5) as pairs,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as listener,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        for client, _ in pairs[:2]:
            client.close()
        held = [*(end for pair in pairs for end in pair if end.fileno() >= 0)]
        inodes = [_inode(one) for one in (*held, listener, datagrams, unix)]
        assert Sockets().states_of(inodes, os.getpid()) == {
            "sockets_established": 6,
            "sockets_listen": 1,
            "sockets_close_wait": 2,
            "sockets_other": 2,
        }


def test_a_process_without_sockets_has_none() -> None:
    """Nothing is looked up for it: these are counts of 0, not unknown."""
    assert set(Sockets().states_of([], os.getpid()).values()) == {0}


def test_netlink_and_the_text_files_say_the_same() -> None:
    """Each of a thousand sockets, in several answers of the kernel, has one state by either way."""
    with _connections(500) as pairs:
        own = {_inode(end) for pair in pairs for end in pair}
        netlink = dict(socket_tables.by_netlink(socket_tables.OF_PROCESSES))
        text = dict(socket_tables.by_text(Path("/proc/net")))
        assert own <= netlink.keys()
        assert {inode: netlink[inode] for inode in own} == {inode: text[inode] for inode in own}


def test_a_kernel_without_netlink_is_read_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The states are the same where it refuses to dump its sockets."""

    def refuse(_states: int) -> Iterator[tuple[int, int]]:
        raise FileNotFoundError(errno.ENOENT, "sock_diag")

    monkeypatch.setattr(socket_tables, "by_netlink", refuse)
    with _connections(3) as pairs:
        inodes = [_inode(end) for pair in pairs for end in pair]
        assert Sockets().states_of(inodes, os.getpid())["sockets_established"] == 6


def test_a_dump_that_fails_is_an_error() -> None:
    """The kernel says so at the dump's end, here for a protocol that it does not have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "IPPROTO_TCP", 250)
        with pytest.raises(FileNotFoundError, match="sock_diag: No such file"):
            list(socket_tables.by_netlink(socket_tables.OF_PROCESSES))


def test_more_sockets_than_can_be_looked_at_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count of some of them would be wrong, so there is none."""
    monkeypatch.setattr(socket_tables, "MOST", 5)
    with _connections(5) as pairs:
        with pytest.raises(OSError, match="more than 5 sockets"):
            list(socket_tables.by_text(Path("/proc/net")))
        monkeypatch.setattr(socket_tables, "by_text", lambda _net: pytest.fail("it looked again"))
        assert Sockets().states_of([_inode(pairs[0][0])], os.getpid()) == {}


def test_sockets_of_another_network_namespace_are_found_there() -> None:
    """A container's sockets are in none of this namespace's tables."""
    with _leaky(4, *ALONE) as leaky:
        found = Sockets().states_of(_inodes_of(leaky.pid), leaky.pid)
    assert found["sockets_close_wait"] == 4
    assert found["sockets_listen"] == 1


def test_a_process_that_is_gone_has_unknown_sockets() -> None:
    """Neither an error nor zeros."""
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    assert Sockets().states_of([1], ended.pid) == {}


def test_a_moments_sockets_are_read_once_for_all_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of a hundred processes costs one table."""
    read: list[int] = []
    original = socket_tables.by_netlink

    def counted(states: int) -> Iterator[tuple[int, int]]:
        read.append(states)
        return original(states)

    monkeypatch.setattr(socket_tables, "by_netlink", counted)
    sockets = Sockets(fresh_s=60)
    with _connections(1) as pairs:
        for _ in range(3):
            sockets.states_of([_inode(pairs[0][0])], os.getpid())
    assert len(read) == 1


def test_the_hosts_sockets_are_counted_by_state() -> None:
    """In a network namespace of its own, each state has just the sockets that were made."""
    program = f"{LEAKY.partition('print(')[0]}\n{AS_HOST}"
    with subprocess.Popen(
        [*ALONE, sys.executable, "-c", program, "5"], stdout=subprocess.PIPE, text=True
    ) as alone:
        said, _ = alone.communicate(timeout=30)
    if not said:
        pytest.skip("unshare --net is not permitted here")
    assert json.loads(said) == {
        "sockets_established": 2,
        "sockets_listen": 1,
        "sockets_close_wait": 5,
        "sockets_time_wait": 6,  # the kernel counts those whose peer is yet to close, too
        "sockets_other": 2,
    }


def test_a_process_that_leaks_its_sockets_shows_them() -> None:
    """CLOSE_WAIT of a target stands in its own reading and in that of its tree."""
    surroundings = Surroundings(RunClock.begin(1.0), lambda *_: None)
    with _leaky(7) as leaky:
        source = parse_target(f"pid:{leaky.pid}").target.open(surroundings)
        readings = {reading.kind: reading for reading in source.sample()}
        source.close()
    for kind in (PROCESS, TREE):
        assert readings[kind].values["sockets_close_wait"] == 7
        assert readings[kind].values["sockets_listen"] == 1
        assert readings[kind].values["socket_fds"] == 8
