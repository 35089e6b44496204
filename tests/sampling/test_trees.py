"""A target is its process and all that descend from it, as a sum and one by one."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from reli_analysis.record.layout import PROCESS, TREE
from support.sampled import Sampled, running

_FORKS = """
import os, sys, time
here = os.getpid()
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(600)
    os.execvp("sleep", ["sleep", "600"])
time.sleep(0.1)
print(here, flush=True)
time.sleep(600)
"""

_ON_DEMAND = """
import os, sys, time
print("ready", flush=True)
for line in sys.stdin:
    work = line.strip()
    if work == "orphan":
        # Its parent ends at once, so that it is given to another process.
        if os.fork() == 0:
            pid = os.fork()
            if pid:
                print(pid, flush=True)
                os._exit(0)
            time.sleep(600)
        os.wait()
        print("orphaned", flush=True)
    elif work == "daemon":
        if os.fork() == 0:
            os.setsid()
            pid = os.fork()
            if pid:
                print(pid, flush=True)
                time.sleep(1)
                os._exit(0)
            time.sleep(600)
    elif work.startswith("burn"):
        # A child that works and ends between two samples.
        pid = os.fork()
        if pid == 0:
            until = time.process_time() + float(work.split()[1])
            while time.process_time() < until:
                pass
            os._exit(0)
        os.waitpid(pid, 0)
        print("burnt", flush=True)
    elif work == "child":
        pid = os.fork()
        if pid == 0:
            until = time.process_time() + 0.5
            while time.process_time() < until:
                pass
            os.write(1, b"worked\\n")
            time.sleep(600)
    elif work == "reap":
        os.wait()
        print("reaped", flush=True)
"""


def _ask(process: object, work: str, *, answers: bool = True) -> str:
    process.stdin.write(f"{work}\n")  # type: ignore[attr-defined]  # a Popen with pipes
    process.stdin.flush()  # type: ignore[attr-defined]  # as above
    return process.stdout.readline().strip() if answers else ""  # type: ignore[attr-defined]  # as above


def test_children_and_what_they_execute_are_part_of_it() -> None:
    """Children of children are found at the first sample, and each is told with its parent."""
    with running(_FORKS) as root:
        *each, tree = Sampled(f"pid:{root.pid}").sample()
        assert [reading.kind for reading in (*each, tree)] == [PROCESS] * 3 + [TREE]
        below = {
            child.pid: child.ppid() for child in psutil.Process(root.pid).children(recursive=True)
        }
        assert {r.pid: r.parent_pid for r in each if r.pid != root.pid} == below
        assert {reading.name for reading in each} >= {"sleep"}
        assert (tree.pid, tree.started_s) == (root.pid, psutil.Process(root.pid).create_time())
        assert tree.values["children"] == 2
        assert sorted(reading.values["children"] for reading in each) == [0, 1, 1]
        for column in ("rss_bytes", "uss_bytes", "pss_bytes", "fds", "threads", "minor_faults"):
            assert tree.values[column] == sum(reading.values[column] for reading in each)
        fullest = max(each, key=lambda reading: reading.values["fds_ratio"])
        assert tree.values["fds_ratio"] == fullest.values["fds_ratio"]


def test_a_process_stays_when_its_parent_has_ended() -> None:
    """Once it was seen below the root it belongs to it, whoever it is given to."""
    with running(_FORKS) as root:
        sampled = Sampled(f"pid:{root.pid}")
        before = sampled.pids()
        middle = psutil.Process(root.pid).children()[0]
        grandchild = middle.children()[0].pid
        middle.kill()
        sampled.until(lambda readings: len(readings) == 3)
        assert psutil.Process(grandchild).ppid() != root.pid
        assert sampled.pids() == before - {middle.pid}


def test_an_orphan_of_the_root_s_session_is_found() -> None:
    """A double fork between two samples leaves no parent to follow, but the session's leader."""
    with running(f"import os; os.setsid()\n{_ON_DEMAND}") as root:
        sampled = Sampled(f"pid:{root.pid}")
        assert sampled.pids() == {root.pid}
        orphan = int(_ask(root, "orphan"))
        try:
            assert root.stdout is not None
            assert root.stdout.readline() == "orphaned\n"
            assert psutil.Process(orphan).ppid() != root.pid
            assert sampled.pids() == {root.pid, orphan}
        finally:
            os.kill(orphan, signal.SIGKILL)


def test_a_daemon_that_was_seen_in_time_stays() -> None:
    """A new session of its own takes nothing out of the tree that was in it."""
    with running(_ON_DEMAND) as root:
        sampled = Sampled(f"pid:{root.pid}")
        daemon = int(_ask(root, "daemon"))
        try:
            sampled.until(lambda readings: any(r.pid == daemon for r in readings))
            sampled.until(lambda readings: len(readings) == 3)
            assert sampled.pids() == {root.pid, daemon}
        finally:
            os.kill(daemon, signal.SIGKILL)


def test_cpu_time_of_a_child_between_two_samples_is_not_lost() -> None:
    """Its parent waits for it, and so inherits the time that nobody saw it take."""
    with running(_ON_DEMAND) as root:
        sampled = Sampled(f"pid:{root.pid}")
        before = sampled.tree()
        assert before is not None
        _ask(root, "burn 0.4")
        after = sampled.tree()
        assert after is not None
        assert after.values["cpu_s"] - before.values["cpu_s"] == pytest.approx(0.4, abs=0.1)
        assert sampled.tree() is not None


def test_cpu_time_of_a_child_that_ends_is_counted_once() -> None:
    """The sum neither falls by what it had used nor rises by it again when it is waited for."""
    with running(_ON_DEMAND) as root:
        sampled = Sampled(f"pid:{root.pid}")
        before = sampled.tree()
        assert _ask(root, "child") == "worked"
        with_child = sampled.tree()
        (child,) = psutil.Process(root.pid).children()
        child.kill()
        sampled.until(lambda readings: len(readings) == 2)
        zombie = sampled.tree()
        _ask(root, "reap")
        reaped = sampled.tree()
        trees = (before, with_child, zombie, reaped)
        used = [tree.values["cpu_s"] for tree in trees if tree is not None]
        assert len(used) == 4
        assert used[1] - used[0] == pytest.approx(0.5, abs=0.1)
        assert used[2] - used[1] == pytest.approx(0, abs=0.05)
        assert used[3] - used[2] == pytest.approx(0, abs=0.05)


def test_the_past_of_a_second_root_is_not_the_target_s_present() -> None:
    """A process that joins late brings its CPU time to its own row, not to the sum's rate."""
    worked = "until = time.process_time() + 0.5\nwhile time.process_time() < until: pass\n"
    with (
        running(f"import time\n{worked}print(flush=True); time.sleep(600)") as old,
        running("print(flush=True); input()") as young,
    ):
        pids = [young.pid]
        sampled = Sampled("self", load_pids=lambda: tuple(pids))
        alone = sampled.tree()
        pids.append(old.pid)
        both = sampled.tree()
    assert alone is not None
    assert both is not None
    assert both.values["children"] == 1
    assert both.values["cpu_s"] - alone.values["cpu_s"] < 0.3


@pytest.mark.skipif(os.geteuid() != 0, reason="a process of another user needs root to start it")
def test_what_some_cannot_tell_is_no_sum() -> None:
    """A sum over some of the processes would read as a fall: it is over all or it is not there."""
    drop = "import os, time\nif os.fork() == 0:\n    os.setgid(65534); os.setuid(65534)\n"
    drop += "    print(flush=True); time.sleep(600)\ntime.sleep(600)"
    with running(drop) as root:
        everything = Sampled(f"pid:{root.pid}").tree()
        assert everything is not None
        assert "io_read_bytes" in everything.values
        seen = _as_nobody(root.pid)
    assert "rss_bytes" in seen
    assert "io_read_bytes" not in seen
    assert "uss_bytes" not in seen


def _as_nobody(pid: int) -> list[str]:
    """The columns of a tree as an ordinary user sees it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(65534)
        os.setuid(65534)
        tree = Sampled(f"pid:{pid}").tree()
        os.write(write, " ".join(tree.values if tree else []).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as answer:
        return answer.read().split()


def test_a_name_with_thousands_of_processes_takes_no_more_than_its_time() -> None:
    """What does not fit a sample is left out, the sums with it, and it is told once."""
    program = "import os, sys, time\n"
    program += "for _ in range(int(sys.argv[1])):\n    if os.fork() == 0: time.sleep(600)\n"
    program += "print(flush=True); time.sleep(600)"
    name = f"crowd-{os.getpid() % 10_000}"
    with running(program, "600", name=name):
        sampled = Sampled(f"name:{name}", interval_s=0.02)
        sampled.sample()
        *each, tree = sampled.sample()
        other = Sampled(f"pid:{os.getpid()}")
        assert other.tree() is not None
    assert 0 < len(each) < 600
    assert tree.values["children"] == 600
    assert "rss_bytes" not in tree.values
    (said,) = [text for text in sampled.told("sampling") if "belong to it" in text]
    assert said.startswith("601 processes belong to it, and a sample has time for ")
