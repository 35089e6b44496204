"""Targets by name, by command line and by port are found, lost and found again."""

from __future__ import annotations

import os
import shutil
import socket
import time
from pathlib import Path

import pytest

from reli.sampling.by_command import is_own
from reli.sampling.by_name import is_named
from support.sampled import Sampled, running, started

_WAITS = "print('ready', flush=True); input()"
_LISTENS = """
import os, socket, sys, time
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server((sys.argv[1], int(sys.argv[2])), family=family)
for _ in range(2):
    if os.fork() == 0:
        time.sleep(600)
print(server.getsockname()[1], flush=True)
time.sleep(600)
"""


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """A program of an unusual, long name."""
    program = tmp_path / "a-sleeper-of-a-long-name"
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    return program


def _found(target: str, processes: int = 1) -> set[int]:
    """The processes, once they are there: a command line is empty for a moment in ``exec``."""
    readings = Sampled(target).until(lambda readings: len(readings) == processes + 1)
    return {reading.pid for reading in readings}


def test_a_long_name_is_found_though_the_kernel_cuts_it(sleeper: Path) -> None:
    """The kernel keeps fifteen characters; the command line has the rest."""
    with started(sleeper, "600") as process:
        assert _found(f"name:{sleeper.name}") == {process.pid}
        assert _found(f"name:{sleeper.name[:15]}") == {process.pid}
        assert Sampled(f"name:{sleeper.name}r").pids() == set()
        assert Sampled(f"name:{sleeper.name[:14]}").pids() == set()


def test_a_script_is_found_by_its_own_name(tmp_path: Path) -> None:
    """Its interpreter is what runs, but its name is what people know."""
    script = tmp_path / "serves-our-customers.sh"
    script.write_text("#!/bin/sh\necho\nsleep 600\n")
    script.chmod(0o755)
    with started(script) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.pid in Sampled("name:serves-our-customers.sh").pids()


def test_all_processes_of_a_name_are_one_target(sleeper: Path) -> None:
    """Each root counts, and a child of the same name is no root of its own."""
    with started(sleeper, "600") as one, started(sleeper, "600") as two:
        sampled = Sampled(f"name:{sleeper.name}")
        *each, tree = sampled.until(lambda readings: len(readings) == 3)
        assert {reading.pid for reading in each} == {one.pid, two.pid}
        assert tree.pid == one.pid
        assert tree.values["rss_bytes"] == sum(reading.values["rss_bytes"] for reading in each)


def test_a_process_that_takes_a_name_later_is_found(sleeper: Path) -> None:
    """What a known process may become by exec is looked at again."""
    sampled = Sampled(f"name:{sleeper.name}")
    with running(f"{_WAITS}; import os; os.execv('{sleeper}', ['{sleeper}', '600'])") as process:
        assert sampled.pids() == set()
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        sampled.until(lambda readings: any(r.pid == process.pid for r in readings))


def test_a_command_line_is_searched_by_an_expression() -> None:
    """Its words have a space between them; the process that samples is never meant."""
    mark = f"mark{os.getpid()}"
    with running(_WAITS, "--port", "81", mark) as process:
        assert Sampled(f"cmd:--port 8[0-9] {mark}$").pids() == {process.pid}
        assert Sampled(f"cmd:--port 9[0-9] {mark}$").pids() == set()


def test_a_command_that_names_its_target_is_not_it() -> None:
    """Neither Locust nor reli nor the shells that started them are what their words name."""
    mark = f"mark{os.getpid()}"
    with (
        running(_WAITS, mark) as target,
        running(_WAITS, "--target", f"cmd:{mark}", name="/usr/bin/locust"),
        running(_WAITS, "sample", f"cmd:{mark}", name="reli"),
        started("sh", "-c", f"sleep 600 & echo $!; wait # {mark}") as shell,
    ):
        assert shell.stdout is not None
        recorder = int(shell.stdout.readline())
        sampled = Sampled(f"cmd:{mark}", own_pids=lambda: (recorder,))
        assert sampled.pids() == {target.pid}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_is_whoever_listens_on_it_and_what_that_started(host: str) -> None:
    """The process that opened the socket is the root, those that inherited it are below it."""
    with running(_LISTENS, host, "0") as server:
        sampled = Sampled(f"port:{server.said}", interval_s=60)  # type: ignore[attr-defined]  # set by running()
        *each, tree = sampled.sample()
        assert tree.pid == server.pid
        assert len(each) == 3


def test_a_port_is_found_anew_when_its_process_has_gone() -> None:
    """The port is what stays; who comes next is a restart, once it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    sampled = Sampled(f"port:{port}", interval_s=60)
    assert sampled.sample() == []
    with running(_LISTENS, "127.0.0.1", str(port)) as first:
        assert len(sampled.pids()) == 3
    sampled.until(lambda readings: not readings)
    with running(_LISTENS, "127.0.0.1", str(port)) as second:
        assert second.pid in sampled.pids()
        assert first.pid not in sampled.pids()
    told = [kind for kind, _, _ in sampled.events if kind != "sampling"]
    assert told == ["appeared", "exit", "vanished", "restart"]


def test_a_socket_that_is_handed_over_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process that takes the port over from one that goes on is found, if rarely."""
    hand_over = """
import os, socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
input()
pid = os.fork()
if pid == 0:
    os.setsid()
    print("taken", flush=True)
    time.sleep(600)
server.close()
time.sleep(600)
"""
    from reli.sampling import by_port

    monkeypatch.setattr(by_port, "_LOOK_AGAIN_S", 0.0)
    with running(hand_over) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sampled = Sampled(f"port:{process.said}", interval_s=60)  # type: ignore[attr-defined]  # set by running()
        assert sampled.pids() == {process.pid}
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "taken\n"
        sampled.until(lambda readings: len(readings) == 3)
        find = sampled.source._find  # type: ignore[attr-defined]  # of Processes
        deadline_s = time.monotonic() + 10
        while process.pid in find():
            assert time.monotonic() < deadline_s
            time.sleep(0.02)
        assert find() < sampled.pids()


@pytest.mark.parametrize(
    ("name", "short", "command", "named"),
    [
        ("nginx", "nginx", ("nginx: master process nginx -g daemon off;",), True),
        ("redis-server", "redis-server", ("/usr/bin/redis-server 127.0.0.1:6379",), True),
        ("gunicorn", "gunicorn", ("/usr/bin/python3", "/usr/bin/gunicorn", "app"), True),
        ("python3", "gunicorn", ("/usr/bin/python3", "/usr/bin/gunicorn", "app"), True),
        ("app", "gunicorn", ("/usr/bin/python3", "/usr/bin/gunicorn", "app"), False),
        ("nginx", "nginx-debug", ("nginx-debug",), False),
        ("kworker", "kworker/0:1", (), False),
        ("postgres-exporter", "postgres-export", ("/bin/postgres-exporter",), True),
        ("postgres-exporter", "postgres-export", ("/bin/postgres-exported",), False),
    ],
)
def test_names(name: str, short: str, command: tuple[str, ...], named: bool) -> None:
    """A name is matched whole, whether the kernel's or that of the program's file."""
    assert is_named(name, short, command) is named


@pytest.mark.parametrize(
    ("command", "own"),
    [
        ("reli sample name:x", True),
        ("/opt/venv/bin/python /opt/venv/bin/locust -f x.py", True),
        ("python -P -m reli.recorder", True),
        ("python -m locust --headless", True),
        ("reli-analyze runs/x", True),
        ("", True),
        ("python -m http.server", False),
        ("python serve.py reli", False),
        ("/usr/sbin/nginx", False),
    ],
)
def test_commands_of_our_own(command: str, own: bool) -> None:
    """They are known by their program or their module; no command line is none of anybody's."""
    assert is_own(command.split()) is own
