"""What cannot be read is absent and told once; sampling goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from reli.sampling.proc import table
from reli.sampling.proc.table import ProcessTable
from support.sampled import Sampled, running

_ROOT = Path(__file__).parents[2]

_AS_NOBODY = """
import json, os, sys
from support.sampled import Sampled
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sampled = Sampled(sys.argv[1], interval_s=60)
samples = [sampled.sample(), sampled.sample()]
print(json.dumps([[{"kind": r.kind, "pid": r.pid, "values": dict(r.values)} for r in samples[-1]],
                  sampled.events]))
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")


def _as_nobody(target: str, *before: str) -> tuple[list[dict[str, object]], list[list[str]]]:
    """The second sample and the events, as an ordinary user sees them."""
    path = os.pathsep.join(str(_ROOT / part) for part in ("src", "analysis", "tests"))
    answer = subprocess.run(
        [*before, sys.executable, "-c", _AS_NOBODY, target],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    readings, events = json.loads(answer.stdout)
    return readings, events


@needs_root
def test_a_process_of_another_user_tells_what_it_tells_everybody() -> None:
    """Memory, CPU and the number of descriptors are there; the rest is absent and told once."""
    with running("print('ready', flush=True); input()") as process:
        readings, events = _as_nobody(f"pid:{process.pid}")
    values = readings[0]["values"]
    assert isinstance(values, dict)
    assert values["rss_bytes"] > 1e6
    assert values["threads"] == 1
    assert "cpu_s" in values
    assert values["fds_limit"] > 0
    for column in ("uss_bytes", "pss_bytes", "io_read_bytes", "file_fds", "sockets_other"):
        assert column not in values
    troubles = [text for kind, _, text in events if kind == "sampling"]
    why = "cannot be read: permission denied; it needs the same user, or root"
    assert troubles == [
        f"bytes read and written of pid {process.pid} {why}",
        f"kinds of descriptors of pid {process.pid} {why}",
        f"USS and PSS of pid {process.pid} {why}",
    ]


def _hidden_proc(option: str) -> list[str]:
    """The start of a command that runs in a mount namespace where /proc hides others."""
    script = f'mount -t proc -o {option} proc /proc && exec "$@"'
    before = ["unshare", "-m", "sh", "-c", script, "sh"]
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("mounting /proc anew needs root and unshare")
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system does not let us mount /proc anew")
    return before


@pytest.mark.parametrize("option", ["hidepid=1", "hidepid=2"])
def test_a_proc_that_hides_others_is_told_and_is_no_absence(option: str) -> None:
    """A process that is there but cannot be seen is said to be so, by pid and by name."""
    before = _hidden_proc(option)
    with running("print('ready', flush=True); input()", name="hidden-one") as process:
        readings, events = _as_nobody(f"pid:{process.pid}", *before)
        assert readings == []
        said = f"pid {process.pid} is there, but /proc hides it from this user (hidepid)"
        assert events == [["sampling", f"pid:{process.pid}", said]]
        readings, events = _as_nobody("name:hidden-one", *before)
        assert readings == []
        said = "/proc hides the processes of other users (hidepid): only own ones are found"
        assert events == [["sampling", "name:hidden-one", said]]


@needs_root
def test_a_port_of_another_user_is_told_and_is_no_absence() -> None:
    """It is known that somebody listens, and who; not which process."""
    listens = "import socket; s = socket.create_server(('127.0.0.1', 0))\n"
    listens += "print(s.getsockname()[1], flush=True); input()"
    with running(listens) as server:
        readings, events = _as_nobody(f"port:{server.said}")  # type: ignore[attr-defined]  # set by running()
    assert readings == []
    (event,) = events
    assert event[0] == "sampling"
    assert event[2].startswith("a process of user root listens on it, whose descriptors cannot be")


def test_processes_that_end_while_they_are_read_cost_nothing() -> None:
    """Hundreds that come and go between two reads are rows or no rows, never an error or a 0."""
    crowd = "import os\nprint('ready', flush=True)\nwhile True:\n    pid = os.fork()\n"
    crowd += "    if pid == 0: os._exit(0)\n    os.waitpid(pid, 0)\n"
    with running(crowd) as root:
        sampled = Sampled(f"pid:{root.pid}")
        seen: set[int] = set()
        until_s = time.monotonic() + 2
        while time.monotonic() < until_s:
            for reading in sampled.sample():
                seen.add(reading.pid)
                assert reading.values.get("threads", 1) >= 1
                assert reading.values.get("rss_bytes", 1) > 0
    assert root.pid in seen
    assert not [said for said in sampled.told("sampling") if "cannot be read" in said]


def test_a_process_without_a_main_thread_is_still_there() -> None:
    """Its other threads work on, and the kernel calls it a zombie all the same."""
    leave = "import ctypes, threading, time\n"
    leave += "threading.Thread(target=time.sleep, args=(600,)).start()\n"
    leave += "print('ready', flush=True)\nctypes.CDLL(None).pthread_exit(None)"
    with running(leave) as process:
        until_s = time.monotonic() + 10
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < until_s
            time.sleep(0.01)
        (reading, tree) = Sampled(f"pid:{process.pid}").sample()
        assert reading.values["threads"] == 2
        assert "rss_bytes" not in reading.values
        assert "rss_bytes" not in tree.values
        process.kill()


def test_want_of_descriptors_is_not_taken_for_an_end() -> None:
    """When this process cannot read, its targets have not gone: the sample fails, and says so."""
    import resource

    sampled = Sampled(f"pid:{os.getpid()}")
    assert sampled.tree() is not None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open("/dev/null", os.O_RDONLY))
        with pytest.raises(OSError, match="Too many open files"):
            sampled.sample()
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    tree = sampled.tree()
    assert tree is not None
    assert tree.segment == 0
    assert sampled.told("exit") == []


def test_the_table_forgets_what_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds the processes of the host and no more, whatever comes and goes."""
    known = ProcessTable()
    ended = []
    for _ in range(50):
        with subprocess.Popen(["true"]) as process:
            known.refresh()
        ended.append(process.pid)
    monkeypatch.setattr(table, "_LIST_ANYWAY_S", 0.0)
    known.refresh()
    assert [pid for pid in ended if known.get(pid) is not None] == []
