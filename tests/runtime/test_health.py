"""What a load process knows of its own condition."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import time

import pytest

from reli.health import Health, HealthReader, tcp_sockets, worst

SOCKSTAT = """sockets: used 181
TCP: inuse 5 orphan 0 tw 12 alloc 8 mem 1
UDP: inuse 1 mem 0
TCP6: inuse 3
"""


def test_sockets_in_use_and_in_time_wait_are_counted() -> None:
    """Both hold a port; those of version 6 count, those of UDP do not."""
    assert tcp_sockets(SOCKSTAT) == 20
    assert tcp_sockets("") == 0


def test_open_sockets_and_descriptors_show() -> None:
    """Each socket that this process opens raises its share of the limits."""
    reader = HealthReader()
    before = reader.read(0.0)
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with socket.create_server(("127.0.0.1", 0)) as server:
        clients = [socket.create_connection(server.getsockname()) for _ in range(100)]
        after = reader.read(0.0)
        for client in clients:
            client.close()
    assert before.fds_ratio is not None
    assert after.fds_ratio is not None
    assert (after.fds_ratio - before.fds_ratio) * limit == pytest.approx(101, abs=5)
    assert before.sockets_ratio is not None
    assert after.sockets_ratio is not None
    assert after.sockets_ratio > before.sockets_ratio


def test_cpu_is_that_of_all_threads_since_the_last_reading() -> None:
    """A process that computes uses about a core, one that waits next to none."""
    reader = HealthReader()
    began = time.process_time()
    while time.process_time() - began < 0.2:
        pass
    busy = reader.read(0.0).cpu_cores
    time.sleep(0.2)
    idle = reader.read(0.0).cpu_cores
    assert busy is not None
    assert idle is not None
    assert idle < 0.5 * busy
    assert busy <= (os.cpu_count() or 1)


def test_waiting_for_a_core_is_demand_that_was_not_met() -> None:
    """Beside as many others as it takes to fill the host, what it wanted exceeds what it got."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(2 * (os.cpu_count() or 1))
    ]
    try:
        reader = HealthReader()
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            pass
        health = reader.read(0.0)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert health.cpu_cores is not None
    assert health.cpu_demand_cores is not None
    assert health.cpu_demand_cores > health.cpu_cores + 0.1


def test_a_moment_is_too_short_to_tell_cpu() -> None:
    """Over a few microseconds the grain of the clock would be the answer: unknown instead."""
    reader = HealthReader()
    assert reader.read(0.0).cpu_cores is None


def test_the_worst_process_counts_and_unknown_is_not_nothing() -> None:
    """Of several processes each number is the highest that is known."""
    parts = [
        Health(1.0, None, None, 0.1, None),
        Health(9.0, 0.5, 0.9, None, None),
        Health(3.0, 0.75, 0.8, 0.2, None),
    ]
    assert worst(parts) == Health(9.0, 0.75, 0.9, 0.2, None)
    assert worst([]) == Health()
