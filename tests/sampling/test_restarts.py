"""A restart is a new segment and an event that says how the process before it ended."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from reli.sampling.proc import lives
from reli.sampling.proc.exits import in_words
from support.cgroups import real_cgroup
from support.sampled import Sampled, each_ending, running, started

_ENDS = "import sys; print('ready', flush=True); sys.exit(int(sys.stdin.readline()))"

tells_statuses = pytest.mark.skipif(
    tuple(map(int, os.uname().release.split(".")[:2])) < (6, 15),
    reason="before Linux 6.15 not everybody learns how a process ended (test_exit_events.py)",
)


@pytest.fixture
def name() -> str:
    """A name that no other process has."""
    return f"ends-{os.getpid()}-{time.monotonic_ns() % 10**6}"


def test_events_of_a_target_that_starts_and_ends_all_the_time_stay_few(name: str) -> None:
    """Twenty exits in ten minutes are told, and the others counted; each restart is a segment."""
    sampled = Sampled(f"name:{name}")
    for _ in range(25):
        with running(_ENDS, name=name):
            assert len(sampled.sample()) == 2
    assert sampled.sample() == []
    assert len(sampled.told("exit")) == 20
    assert len(sampled.told("restart")) == 24
    sampled.sample(after_s=600)
    assert sampled.told("exit")[20].startswith("5 more processes ended within ")


@tells_statuses
@each_ending
def test_a_restart_is_a_segment_and_says_how_the_last_life_ended(
    name: str, ending: object, how: str
) -> None:
    """Appeared, ended by a known cause, gone, and there again as another process."""
    sampled = Sampled(f"name:{name}")
    assert sampled.sample() == []
    with running(_ENDS, name=name) as first:
        tree = sampled.tree()
        assert tree is not None
        assert (tree.pid, tree.segment) == (first.pid, 0)
        ending(first)  # type: ignore[operator]  # a function of the process
        first.wait(10)
    assert sampled.sample() == []
    with running(_ENDS, name=name) as second:
        tree = sampled.tree()
        assert tree is not None
        assert (tree.pid, tree.segment) == (second.pid, 1)
    shown = first.said, second.said  # type: ignore[attr-defined]  # set by running()
    assert shown == ("ready", "ready")
    short = tree.name
    before = f"pid {first.pid}, which {how}"
    assert [
        (kind, text) for kind, _, text in sampled.events if kind not in {"sampling", "pace"}
    ] == [
        ("appeared", f"pid {first.pid} ({short})"),
        ("exit", f"pid {first.pid} ({short}) {how}"),
        ("vanished", "no process of it is left"),
        ("restart", f"pid {second.pid} ({short}) has taken the place of {before}, after 1 s"),
    ]
    assert {subject for _, subject, _ in sampled.events} == {f"name:{name}"}


def test_a_quick_restart_between_two_samples_is_one_too(name: str) -> None:
    """The end and the new start are seen at the same sample, with no moment without it."""
    sampled = Sampled(f"name:{name}")
    with running(_ENDS, name=name):
        sampled.sample()
    with running(_ENDS, name=name):
        tree = sampled.tree()
    assert tree is not None
    assert tree.segment == 1
    assert [kind for kind, _, _ in sampled.events if kind not in {"sampling", "pace"}] == [
        "appeared",
        "exit",
        "restart",
    ]


def test_a_zombie_is_gone_and_still_tells_how_it_ended(name: str) -> None:
    """A process that its parent has not waited for is no row, and its status is known."""
    sampled = Sampled(f"name:{name}")
    with running(_ENDS, name=name) as process:
        sampled.sample()
        process.kill()
        sampled.until(lambda readings: not readings)
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE
    assert "was killed by SIGKILL" in sampled.told("exit")[0]
    assert sampled.told("vanished") == ["no process of it is left"]


def test_a_target_by_pid_never_becomes_another_process() -> None:
    """Its pid may be given away: a process is its pid and its start."""
    last_pid = Path("/proc/sys/kernel/ns_last_pid")
    if not os.access(last_pid, os.W_OK) or os.geteuid() != 0:
        pytest.skip("choosing the next pid needs root and checkpointing in the kernel")
    with started("sleep", "600") as first:
        sampled = Sampled(f"pid:{first.pid}")
        assert sampled.pids() == {first.pid}
    time.sleep(0.02)  # the start is told in hundredths of a second
    for _ in range(50):
        last_pid.write_text(str(first.pid - 1))
        with started("sleep", "600") as second:
            reused = second.pid == first.pid
            seen = sampled.sample() if reused else []
            again = sampled.sample() if reused else []
        if reused:
            break
    else:
        pytest.skip("other processes were always quicker to get the pid")
    assert seen == []
    assert again == []
    assert sampled.told("sampling") == [
        f"pid {first.pid} is another process by now, which is not sampled"
    ]
    assert sampled.told("restart") == []


def test_a_target_that_is_never_there_is_told_once(name: str) -> None:
    """It is no error, and said when it has been waited for."""
    sampled = Sampled(f"name:{name}")
    for _ in range(30):
        assert sampled.sample() == []
    assert sampled.told("vanished") == ["it is not there yet"]
    assert len(sampled.events) == 1


_WORKERS = """
import os, sys, time
for _ in range(int(sys.argv[1])):
    if os.fork() == 0: time.sleep(600)
print("ready", flush=True)
time.sleep(600)
"""


def test_what_outlives_its_root_takes_its_place_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Workers of a killed master belong to the target still, and one of them becomes its face."""
    monkeypatch.setattr(lives, "_LAUNCHER_S", 0.0)
    with running(_WORKERS, "2") as root:
        time.sleep(0.05)
        sampled = Sampled(f"pid:{root.pid}")
        workers = sampled.pids() - {root.pid}
        root.kill()
        root.wait()
        segments, faces = [], []
        for _ in range(12):
            *each, tree = sampled.sample()
            assert {reading.pid for reading in each} == workers
            segments.append(tree.segment)
            faces.append(tree.pid)
    assert segments == [0] * 10 + [1] * 2
    assert faces == [root.pid] * 10 + [min(workers)] * 2
    (said,) = sampled.told("restart")
    assert said.startswith(f"pid {min(workers)} ")
    assert f"has taken the place of pid {root.pid}, which " in said


def test_a_launcher_hands_over_at_once() -> None:
    """A root that starts a service and ends at once was none: no restart, no exit."""
    script = "sleep 0.3; sleep 600 & sleep 0.3"
    with started("sh", "-c", script) as launcher:
        sampled = Sampled(f"pid:{launcher.pid}")
        sampled.until(lambda readings: len(readings) == 4)
        launcher.wait()
        (service, tree) = sampled.until(lambda readings: len(readings) == 2)
        assert (service.pid, service.name) == (tree.pid, "sleep")
        assert tree.segment == 0
        assert sampled.told("exit") == []
        psutil.Process(service.pid).kill()
        sampled.until(lambda readings: not readings)
    assert [kind for kind, _, _ in sampled.events if kind not in {"sampling", "pace"}] == [
        "appeared",
        "exit",
        "vanished",
    ]


def test_short_helpers_are_counted_and_not_told_one_by_one() -> None:
    """Events stay few whatever the target starts and ends."""
    with running(_WORKERS, "5") as root:
        time.sleep(0.05)
        sampled = Sampled(f"pid:{root.pid}")
        workers = sampled.pids() - {root.pid}
        assert len(workers) == 5
        for pid in workers:
            psutil.Process(pid).kill()
        sampled.until(lambda readings: len(readings) == 2)
        assert sampled.told("exit") == []
        sampled.sample(after_s=600)
    (said,) = sampled.told("exit")
    assert said.startswith("5 more processes ended within ")


def test_a_worker_that_lived_long_is_told_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no helper, and how it ended may be what a person looks for."""
    monkeypatch.setattr(lives, "LONG_LIVED_S", 0.0)
    with running(_WORKERS, "30") as root:
        sampled = Sampled(f"pid:{root.pid}")
        assert len(sampled.pids()) == 31
        for child in psutil.Process(root.pid).children():
            child.kill()
        sampled.until(lambda readings: len(readings) == 2)
        told = sampled.told("exit")
        assert len(told) == 20, "the others are only counted"
        assert all(said.endswith("below the root, was killed by SIGKILL") for said in told)
        sampled.sample(after_s=600)
    assert sampled.told("exit")[20].startswith("10 more processes ended within ")


@pytest.mark.skipif(os.geteuid() != 0, reason="a memory cgroup of one's own needs root")
def test_a_kill_for_lack_of_memory_is_told_as_one() -> None:
    """The kernel's count of such kills in its cgroup tells it from any other SIGKILL."""
    grow = "import sys; print('ready', flush=True); sys.stdin.readline()\n"
    grow += "import mmap; held = mmap.mmap(-1, 1 << 28); held.write(b'x' * (1 << 28))"
    with real_cgroup("/reli-oom", "memory") as cgroup:
        cgroup.set("memory", "memory.limit_in_bytes", 64 << 20)
        process = cgroup.run(grow)
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        sampled = Sampled(f"pid:{process.pid}")
        tree = sampled.tree()
        assert tree is not None
        assert tree.values["oom_kills"] == 0
        with process:
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.wait(20) == -signal.SIGKILL
            assert sampled.sample() == []
    (said,) = sampled.told("exit")
    assert said.endswith("was killed by the kernel for lack of memory")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "exited with code 0"),
        (3 << 8, "exited with code 3"),
        (9, "was killed by SIGKILL"),
        (11 | 0x80, "was killed by SIGSEGV"),
        (40, "was killed by signal 40"),
    ],
)
def test_a_wait_status_in_words(status: int, words: str) -> None:
    """Codes, signals, a signal with a core dump, and a signal without a name."""
    assert in_words(status) == words
