"""Targets become sources."""

from __future__ import annotations

import os

import pytest

from reli.sampling import SOURCES, parse_target
from reli_analysis.errors import ReliError
from reli_analysis.record.layout import PROCESS, TREE
from support.sampled import Sampled, running, started


def test_self_is_the_load_processes_as_they_come_and_go() -> None:
    """The processes are asked for anew at each sample, and told one by one and as a sum."""
    pids = [os.getpid()]
    sampled = Sampled("self", load_pids=lambda: tuple(pids))
    assert [reading.kind for reading in sampled.sample()] == [PROCESS, TREE]
    with started("sleep", "600") as child:
        pids.append(child.pid)
        *each, tree = sampled.sample()
    assert [reading.pid for reading in each] == pids
    assert tree.values["fds"] == sum(reading.values["fds"] for reading in each)


def test_reli_s_own_processes_belong_to_no_target() -> None:
    """The recorder is left out with all that it started, also when a load process started it."""
    with started("sh", "-c", "sleep 600 & echo $!; wait") as recorder:
        assert recorder.stdout is not None
        below = int(recorder.stdout.readline())
        sampled = Sampled(
            "self", load_pids=lambda: (os.getpid(),), own_pids=lambda: (recorder.pid,)
        )
        with started("sleep", "600") as child:
            assert sampled.pids() >= {os.getpid(), child.pid}
            assert sampled.pids().isdisjoint({recorder.pid, below})


def test_a_backend_that_a_service_starts_for_itself_is_no_part_of_it() -> None:
    """A collector on loopback plays the other side: its memory is not the SDK's."""
    load = "import subprocess, sys\n"
    load += "options = [sys.executable, '-P', '-m', 'reli.recorder']\n"
    load += "below = [subprocess.Popen(['sleep', '600']), subprocess.Popen(options, stdin=-1)]\n"
    load += "print(*(each.pid for each in below), flush=True); input()"
    with running(load) as process:
        helper, backend = map(int, process.said.split())  # type: ignore[attr-defined]  # running's
        sampled = Sampled("self", load_pids=lambda: (process.pid,))
        pids = sampled.pids()
    assert pids == {process.pid, helper}
    assert backend not in pids


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("sefl", 'did you mean "self"'),
        ("pid:", "after the colon"),
        ("pid:abc", "needs a process id"),
        ("pid:0", "needs a process id"),
        ("pid:99999999999999999999", "needs a process id"),
        ("self:1", "takes no argument"),
        ("name", "needs a program"),
        ("cmd", "needs a regular expression"),
        ("name: ", "after the colon"),
        ("name:", "after the colon"),
        ("cmd:(", "is no regular expression: missing"),
        ("port:http", "needs a TCP port"),
        ("port:0", "needs a TCP port"),
        ("port:65536", "needs a TCP port"),
        ("port:" + "9" * 5000, "needs a TCP port"),
    ],
)
def test_a_wrong_target_is_one_sentence(target: str, sentence: str) -> None:
    """What would be right is said, with the known names."""
    with pytest.raises(ReliError, match=sentence):
        parse_target(target)


def test_sources_refuse_duplicates() -> None:
    """Two sources of one name are a programming error."""
    with pytest.raises(ValueError, match="registered twice"):
        SOURCES.register("self", SOURCES.get("self"))
