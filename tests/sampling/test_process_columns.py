"""What is read of a process is what the system says of it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

import psutil
import pytest

from reli_analysis.record.layout import PROCESS
from support.sampled import Sampled, running

_BUSY = """
import os, resource, socket, threading, time
resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))
kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(7)]
pipes = [os.pipe() for _ in range(3)]
sockets = [socket.socket() for _ in range(4)]
memory = bytearray(20_000_000)
stop = threading.Event()
[threading.Thread(target=stop.wait, daemon=True).start() for _ in range(3)]
until = time.process_time() + 0.3
while time.process_time() < until:
    os.stat("/")
with open(os.devnull, "rb") as nothing:
    nothing.read()
print("ready", flush=True)
input()
"""


def _columns(pid: int, **surroundings: Any) -> Mapping[str, float]:
    process, _tree = Sampled(f"pid:{pid}", **surroundings).sample()
    assert process.kind == PROCESS
    return process.values


def test_a_live_process_agrees_with_psutil() -> None:
    """RSS, USS, PSS, swap, descriptors, threads, CPU, faults, switches and I/O are the same."""
    with running(_BUSY) as process:
        values = _columns(process.pid)
        other = psutil.Process(process.pid)
        memory, times = other.memory_full_info(), other.cpu_times()
        assert values["rss_bytes"] == pytest.approx(memory.rss, abs=1 << 20)
        assert values["uss_bytes"] == memory.uss
        assert values["pss_bytes"] == pytest.approx(memory.pss, rel=0.1)
        assert values["swap_bytes"] == memory.swap
        assert values["fds"] == other.num_fds() >= 7 + 6 + 4
        assert values["threads"] == other.num_threads() == 4
        assert values["cpu_user_s"] == times.user
        assert values["cpu_system_s"] == times.system
        assert values["cpu_s"] == pytest.approx(times.user + times.system)
        assert values["cpu_s"] > 0.25
        assert values["voluntary_switches"] == other.num_ctx_switches().voluntary
        assert values["involuntary_switches"] == other.num_ctx_switches().involuntary
        assert values["io_read_bytes"] == other.io_counters().read_bytes
        assert values["io_written_bytes"] == other.io_counters().write_bytes
        assert values["minor_faults"] > 1000
        assert values["major_faults"] >= 0
        assert values["children"] == 0
        assert values["oom_score"] > 0


def test_descriptors_are_told_by_kind_and_by_the_process_s_own_limit() -> None:
    """Kinds add up to the count, and the ratio is of the soft limit of that very process."""
    with running(_BUSY) as process:
        values = _columns(process.pid)
        kinds = [values[f"{kind}_fds"] for kind in ("file", "socket", "pipe", "other")]
        assert values["socket_fds"] == 4
        assert values["file_fds"] >= 7
        assert values["pipe_fds"] >= 6 + 2
        assert sum(kinds) == values["fds"]
        assert values["fds_limit"] == 500
        assert values["fds_ratio"] == values["fds"] / 500


def test_sockets_of_a_process_are_told_by_state() -> None:
    """A socket that only the peer has closed is one in CLOSE_WAIT of that process."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        accepted, _ = server.accept()
        accepted.close()
        assert client.recv(1) == b""
        values = _columns(os.getpid())
    assert values["sockets_close_wait"] >= 1
    assert values["sockets_listen"] >= 1
    assert values["sockets_other"] >= 0


def test_the_start_of_a_process_tells_it_from_every_other() -> None:
    """It is the kernel's, to its grain of a hundredth of a second."""
    (own, _tree) = Sampled(f"pid:{os.getpid()}").sample()
    assert own.started_s == psutil.Process().create_time()
    assert own.parent_pid == os.getppid()
    assert own.name == psutil.Process().name()[:15]


def test_the_memory_map_is_walked_rarely() -> None:
    """USS and PSS stay empty until they are due again: the kernel locks the map for them."""
    sampled = Sampled(f"pid:{os.getpid()}", memory_map_every_s=5.0)
    walked = ["uss_bytes" in sampled.sample()[0].values for _ in range(11)]
    assert walked == [True, *[False] * 4, True, *[False] * 4, True]


def test_many_descriptors_are_counted_each_time_and_looked_at_rarely() -> None:
    """The count costs nothing; kinds of ten thousand come once in a while, and that is told."""
    hold = "import os; import resource as r\n"
    hold += "r.setrlimit(r.RLIMIT_NOFILE, (r.getrlimit(r.RLIMIT_NOFILE)[1],) * 2)\n"
    hold += "kept = [os.dup(0) for _ in range(10_000)]; print(flush=True); input()"
    with running(hold) as process:
        sampled = Sampled(f"pid:{process.pid}")
        samples = [sampled.sample()[0].values for _ in range(8)]
    assert all(values["fds"] == 10_003 for values in samples)
    looked = ["pipe_fds" in values for values in samples]
    assert looked[:2] == [True, True]
    assert not any(looked[2:])
    assert samples[0]["pipe_fds"] >= 10_000
    (said,) = sampled.told("pace")
    assert said.startswith("kinds of descriptors are read every ")


def test_cpu_time_is_that_of_the_process_as_it_goes_on() -> None:
    """Half a second of work is half a second more."""
    sampled = Sampled(f"pid:{os.getpid()}")
    before = sampled.sample()[0].values["cpu_s"]
    until_s = time.process_time() + 0.5
    while time.process_time() < until_s:
        pass
    assert sampled.sample()[0].values["cpu_s"] - before == pytest.approx(0.5, abs=0.1)
