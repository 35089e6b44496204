"""Targets become sources, and processes are read without ever failing."""

from __future__ import annotations

import os
import subprocess

import psutil
import pytest

from reli.clock import RunClock
from reli.sampling import SOURCES, Surroundings, parse_target
from reli.sampling.reading import ProcessReader
from reli_analysis.errors import ReliError
from reli_analysis.record.layout import PROCESS, TREE


def _surroundings(events: list[tuple[str, ...]], pids: list[int]) -> Surroundings:
    return Surroundings(
        RunClock.begin(1.0), lambda *event: events.append(event), load_pids=lambda: tuple(pids)
    )


def test_self_is_the_load_processes_as_they_come_and_go() -> None:
    """The processes are asked for anew at each sample, and told one by one and as a sum."""
    pids = [os.getpid()]
    source = parse_target("self").target.open(_surroundings([], pids))
    assert [reading.kind for reading in source.sample()] == [PROCESS, TREE]
    with subprocess.Popen(["sleep", "60"]) as child:
        pids.append(child.pid)
        *each, tree = source.sample()
        child.kill()
    assert [reading.pid for reading in each] == sorted(pids)
    assert tree.values["fds"] == sum(reading.values["fds"] for reading in each)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("sefl", 'did you mean "self"'),
        ("pid:", "after the colon"),
        ("pid:abc", "needs a process id"),
        ("pid:0", "needs a process id"),
        ("self:1", "takes no argument"),
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


def test_a_reading_is_what_the_system_says() -> None:
    """RSS, descriptors, threads and CPU agree with a direct look at this very process."""
    sample = ProcessReader().read(os.getpid(), with_uss=True)
    assert sample is not None
    own = psutil.Process()
    assert sample.values["rss_bytes"] == pytest.approx(own.memory_info().rss, rel=0.1)
    assert sample.values["fds"] == own.num_fds()
    assert sample.values["threads"] == own.num_threads()
    assert sample.started_s == own.create_time()
    assert "uss_bytes" in sample.values
    assert "rss_bytes" in sample.values
    assert 0 < sample.values["uss_bytes"] <= sample.values["rss_bytes"]
    assert "cpu_s" in sample.values
    assert sample.values["cpu_s"] > 0


def test_uss_is_read_only_when_asked_for() -> None:
    """It locks the memory map, so it stays empty otherwise."""
    sample = ProcessReader().read(os.getpid(), with_uss=False)
    assert sample is not None
    assert "uss_bytes" not in sample.values


def test_a_zombie_and_a_gone_process_are_gone() -> None:
    """Neither is a row of zeros."""
    reader = ProcessReader()
    with subprocess.Popen(["sleep", "60"]) as child:
        assert reader.read(child.pid, with_uss=False) is not None
        child.kill()
        psutil.wait_procs([psutil.Process(child.pid)], timeout=0.5)
        assert reader.read(child.pid, with_uss=False) is None
    assert reader.read(child.pid, with_uss=False) is None
