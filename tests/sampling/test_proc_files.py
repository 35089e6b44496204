"""The files of /proc are parsed as Linux writes them."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from reli.sampling.proc.files import read
from reli.sampling.proc.parse import (
    parse_fds_limit,
    parse_io,
    parse_memory_map,
    parse_stat,
    parse_status,
)

_COUNT = st.integers(0, 2**63 - 1)


@given(
    name=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=15),
    numbers=st.lists(_COUNT, min_size=49, max_size=49),
)
def test_a_name_may_hold_anything(name: str, numbers: list[int]) -> None:
    """Spaces, parentheses and line breaks in a name move no field."""
    text = f"71 ({name}) S {' '.join(map(str, numbers))}\n".encode()
    stat = parse_stat(text)
    assert (stat.pid, stat.name, stat.state) == (71, name, "S")
    assert (stat.parent_pid, stat.session) == (numbers[0], numbers[2])
    assert (stat.user_ticks, stat.system_ticks) == (numbers[10], numbers[11])
    assert (stat.threads, stat.started_ticks) == (numbers[16], numbers[18])
    assert stat.exit_status == numbers[48]


def test_old_kernels_write_fewer_fields() -> None:
    """Without the status of an exit, none is known."""
    fields = read("/proc/self/stat").rpartition(b") ")[2].split()
    stat = parse_stat(b"71 (x) " + b" ".join(fields[:44]))
    assert stat.exit_status == 0
    assert stat.started_ticks == int(fields[19])


def test_what_a_kernel_thread_has_not_is_absent() -> None:
    """It has no memory of its own: no row of zeros."""
    text = b"Name:\tkthreadd\nThreads:\t1\nvoluntary_ctxt_switches:\t5\n"
    assert parse_status(text) == {"voluntary_switches": 5}


def test_units_are_bytes() -> None:
    """The kernel writes kilobytes; descriptors' limits may be unlimited."""
    status = b"Name:\tx\nVmRSS:\t     120 kB\nRssAnon:\t 100 kB\nVmSwap:\t       8 kB\n"
    assert parse_status(status) == {"rss_bytes": 120 * 1024, "swap_bytes": 8 * 1024}
    io = b"rchar: 5\nwchar: 6\nsyscr: 1\nsyscw: 1\nread_bytes: 4096\nwrite_bytes: 8192\n"
    assert parse_io(io) == {"io_read_bytes": 4096, "io_written_bytes": 8192}
    rollup = b"55-7f ---p 0 00:00 0   [rollup]\nRss:  90 kB\nPss: 40 kB\nPss_Dirty: 8 kB\n"
    rollup += b"Private_Clean: 7 kB\nPrivate_Dirty: 20 kB\nPrivate_Hugetlb: 3 kB\nSwap: 0 kB\n"
    assert parse_memory_map(rollup) == {"uss_bytes": 30 * 1024, "pss_bytes": 40 * 1024}
    limits = b"Limit Soft Limit Hard Limit Units\nMax open files  %s  4096  files\n"
    assert parse_fds_limit(limits % b"1024") == 1024
    assert parse_fds_limit(limits % b"unlimited") is None
    assert parse_memory_map(b"") == {}


def test_this_very_process_parses() -> None:
    """What this kernel writes is understood."""
    stat = parse_stat(read("/proc/self/stat"))
    assert (stat.pid, stat.parent_pid) == (os.getpid(), os.getppid())
    assert stat.session == os.getsid(0)
    assert set(parse_status(read("/proc/self/status"))) == {
        *("rss_bytes", "swap_bytes", "voluntary_switches", "involuntary_switches")
    }
