"""Targets become sources, and processes are read without ever failing."""

from __future__ import annotations

import os
import subprocess

import psutil
import pytest

from reli.sampling import SOURCES, open_source
from reli.sampling.reading import ProcessReader
from reli_analysis.errors import ReliError


def test_self_is_the_load_processes_as_they_come_and_go() -> None:
    """The processes are asked for anew at each sample."""
    pids = [1]
    source = open_source("self", lambda: tuple(pids))
    assert list(source.pids()) == [1]
    pids.append(2)
    assert list(source.pids()) == [1, 2]


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
        open_source(target, tuple)


def test_sources_refuse_duplicates() -> None:
    """Two sources of one name are a programming error."""
    with pytest.raises(ValueError, match="registered twice"):
        SOURCES.register("self", SOURCES.get("self"))


def test_a_reading_is_what_the_system_says() -> None:
    """RSS, descriptors, threads and CPU agree with a direct look at this very process."""
    sample = ProcessReader().read(os.getpid(), with_uss=True)
    assert sample is not None
    own = psutil.Process()
    assert sample.rss_bytes == pytest.approx(own.memory_info().rss, rel=0.1)
    assert sample.fds == own.num_fds()
    assert sample.threads == own.num_threads()
    assert sample.key.started_s == own.create_time()
    assert sample.uss_bytes is not None
    assert sample.rss_bytes is not None
    assert 0 < sample.uss_bytes <= sample.rss_bytes
    assert sample.cpu_s is not None
    assert sample.cpu_s > 0


def test_uss_is_read_only_when_asked_for() -> None:
    """It locks the memory map, so it stays empty otherwise."""
    sample = ProcessReader().read(os.getpid(), with_uss=False)
    assert sample is not None
    assert sample.uss_bytes is None


def test_a_zombie_and_a_gone_process_are_gone() -> None:
    """Neither is a row of zeros."""
    reader = ProcessReader()
    with subprocess.Popen(["sleep", "60"]) as child:
        assert reader.read(child.pid, with_uss=False) is not None
        child.kill()
        psutil.wait_procs([psutil.Process(child.pid)], timeout=0.5)
        assert reader.read(child.pid, with_uss=False) is None
    assert reader.read(child.pid, with_uss=False) is None
