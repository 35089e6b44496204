"""Before Linux 6.15 the kernel's proc connector tells how processes ended, where it may be asked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from reli.sampling.proc import exit_events
from reli.sampling.proc.exit_events import ExitEvents
from reli.sampling.proc.exits import ExitStatuses, Pidfds, pidfds_tell
from support.sampled import Sampled, each_ending, running, started

_LINUX = tuple(map(int, os.uname().release.split(".")[:2]))
_FIRST_NAMESPACES = {"pid": "pid:[4026531836]", "user": "user:[4026531837]"}

_may_listen = pytest.mark.skipif(
    os.geteuid() != 0
    or any(str(Path(f"/proc/self/ns/{k}").readlink()) != n for k, n in _FIRST_NAMESPACES.items()),
    reason="the proc connector tells root in the first pid and user namespace",
)

_ENDS = "import sys; print('ready', flush=True); sys.exit(int(sys.stdin.readline()))"

_MAIN_THREAD_ENDS = """
import ctypes, threading, time
def go_on():
    time.sleep(0.2)
    print("ready", flush=True)
    time.sleep(600)
threading.Thread(target=go_on).start()
ctypes.CDLL(None).syscall(60, 0)  # exit, of one thread
"""


@contextmanager
def _sampled(target: str) -> Iterator[Sampled]:
    """A target whose ends the connector tells, whatever this kernel could do better."""
    sampled = Sampled(target, exits=ExitStatuses(ExitEvents()))
    try:
        yield sampled
    finally:
        sampled.source.close()


@_may_listen
@each_ending
def test_the_connector_tells_how_a_process_ended(
    ending: Callable[[subprocess.Popen[str]], object], how: str
) -> None:
    """A process that its parent has waited for has left nothing but the message."""
    with running(_ENDS) as process, _sampled(f"pid:{process.pid}") as sampled:
        assert sampled.pids() == {process.pid}
        ending(process)
        process.wait(10)
        assert sampled.sample() == []
    (said,) = sampled.told("exit")
    assert said.endswith(how)


@_may_listen
def test_many_ends_between_two_samples_are_all_known() -> None:
    """Each process of a tree has its own."""
    with started("sh", "-c", "for i in 1 2 3 4 5; do sleep 600 & done; wait") as root:
        sampled = Sampled(f"pid:{root.pid}", exits=(exits := ExitStatuses(ExitEvents())))
        sampled.until(lambda readings: len(readings) == 7)
        below = psutil.Process(root.pid).children()
        stats = [sampled.surroundings.processes.get(each.pid) for each in below]
        for each in below:
            each.kill()
        psutil.wait_procs(below)
        assert [stat and exits.status(stat) for stat in stats] == [signal.SIGKILL] * 5
        sampled.source.close()


@_may_listen
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the number of a system call")
def test_the_end_of_a_main_thread_is_not_that_of_its_process() -> None:
    """Other threads live on, and how they end is how the process does."""
    with running(_MAIN_THREAD_ENDS) as process, _sampled(f"pid:{process.pid}") as sampled:
        assert sampled.pids() == {process.pid}
        process.kill()
        process.wait(10)
        assert sampled.sample() == []
    (said,) = sampled.told("exit")
    assert said.endswith("was killed by SIGKILL")


@_may_listen
def test_a_host_where_too_much_ends_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is said once, the cause is unknown meanwhile, and known again after it."""
    monkeypatch.setattr(exit_events, "_MOST_AT_ONCE", 20)
    monkeypatch.setattr(exit_events, "_MOST_PER_S", 0.0)
    with running(_ENDS) as first, _sampled(f"pid:{first.pid}") as sampled:
        sampled.sample()
        for _ in range(2):
            subprocess.run(["sh", "-c", "for i in $(seq 40); do (:); done"], check=True)
            sampled.sample()
        first.kill()
        first.wait(10)
        sampled.sample()
    (said,) = sampled.told("sampling")
    assert said.startswith("more processes of this host end than can be looked at: ")
    (said,) = sampled.told("exit")
    assert said.endswith("ended; the cause is unknown")


@_may_listen
def test_it_listens_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storm is over some time."""
    monkeypatch.setattr(exit_events, "_MOST_AT_ONCE", 20)
    monkeypatch.setattr(exit_events, "_PAUSE_S", 0.0)
    with running(_ENDS) as process, _sampled(f"pid:{process.pid}") as sampled:
        sampled.sample()
        subprocess.run(["sh", "-c", "for i in $(seq 400); do (:); done"], check=True)
        sampled.sample()
        assert len(sampled.told("sampling")) == 1
        monkeypatch.undo()
        monkeypatch.setattr(exit_events, "_MOST_PER_S", 1e9)
        sampled.sample()
        process.kill()
        process.wait(10)
        sampled.sample()
    (said,) = sampled.told("exit")
    assert said.endswith("was killed by SIGKILL")


@_may_listen
def test_more_ends_than_there_is_room_for_lose_some_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kernel says that it had to leave some out; the next are heard."""
    monkeypatch.setattr(exit_events, "_BUFFER_BYTES", 1 << 15)
    with running(_ENDS) as process, _sampled(f"pid:{process.pid}") as sampled:
        sampled.sample()
        subprocess.run(["sh", "-c", "for i in $(seq 400); do (:); done"], check=True)
        sampled.sample()
        process.kill()
        process.wait(10)
        sampled.sample()
    assert sampled.told("sampling") == []
    (said,) = sampled.told("exit")
    assert said.endswith("was killed by SIGKILL")


@_may_listen
def test_who_is_watched_no_more_leaves_no_socket_behind() -> None:
    """The last one that is let go ends the listening."""
    descriptors = Path("/proc/self/fd")
    with started("sleep", "600") as process:
        before = len(list(descriptors.iterdir()))
        with _sampled(f"pid:{process.pid}") as sampled:
            sampled.sample()
            assert len(list(descriptors.iterdir())) == before + 1
        assert len(list(descriptors.iterdir())) == before


_ASKS = """
import subprocess, sys
from reli.sampling.proc.exit_events import ExitEvents
from reli.sampling.proc.exits import ExitStatuses
from support.sampled import Sampled
process = subprocess.Popen(["sleep", "600"])
sampled = Sampled(f"pid:{process.pid}", exits=ExitStatuses(ExitEvents()))
assert sampled.pids() == {process.pid}
process.kill()
process.wait()
sampled.sample()
print(*sampled.told("exit"), *sampled.told("sampling"), sep="\\n")
"""


@pytest.mark.parametrize(
    "confined",
    [
        pytest.param(
            ("setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"),
            marks=pytest.mark.skipif(
                _LINUX >= (6, 6), reason="since Linux 6.6 it needs no capability"
            ),
            id="without CAP_NET_ADMIN",
        ),
        pytest.param(
            ("unshare", "--pid", "--fork", "--mount-proc"), id="in a pid namespace of its own"
        ),
        pytest.param(("unshare", "--net"), id="in a network namespace of its own"),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="taking rights away needs root")
def test_where_the_kernel_does_not_tell_the_cause_is_unknown(confined: tuple[str, ...]) -> None:
    """Nothing fails, and no cause is made up."""
    if shutil.which(confined[0]) is None:
        pytest.skip(f"{confined[0]} is not there")
    done = subprocess.run(
        [*confined, sys.executable, "-c", _ASKS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "unshare failed" in done.stderr:
        pytest.skip(f"{confined[0]} is not permitted here")
    (said,) = done.stdout.splitlines()
    assert said.endswith("(sleep) ended; the cause is unknown"), done.stderr


def test_a_way_is_chosen_that_this_kernel_has() -> None:
    """Whether a pidfd tells how something ended is tried, and is so since Linux 6.15."""
    assert pidfds_tell() or _LINUX < (6, 15)
    with started("sleep", "600") as process:
        sampled = Sampled(f"pid:{process.pid}", exits=(exits := ExitStatuses()))
        sampled.sample()
        process.kill()
        process.wait()
        deadline_s = time.monotonic() + 10
        while sampled.sample():
            assert time.monotonic() < deadline_s
        sampled.source.close()
    chosen = exits._teller
    assert isinstance(chosen, Pidfds if pidfds_tell() else ExitEvents)
