"""docker-compose.yml without Docker: its services' commands as processes of this host, on loopback.

What a container's own network, name, volume or secret would be is put in its place: host names
become 127.0.0.1, ports free ones, paths those of a directory. Nothing else of a command changes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml

from support.debian import find_program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
_ENTRYPOINTS = {"prom/prometheus": "prometheus"}
"""Programs that an image puts before the command."""


def read(**variables: str) -> dict[str, Any]:
    """The file as Compose reads it: variables filled in, with their defaults for the others.

    Raises ``KeyError`` for a variable that has to be given, with the file's own words.
    """

    def fill(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise KeyError(f"{name}: {text}")
        return text or ""

    document: dict[str, Any] = yaml.safe_load(_VARIABLE.sub(fill, COMPOSE.read_text()))
    return document


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as all_at_once:
        found = [
            all_at_once.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [server.getsockname()[1] for server in found]


@dataclass
class Local:
    """The services of a compose file on this host, each started by name; all end with the block."""

    home: Path
    variables: Mapping[str, str]
    ports: Mapping[int, int]
    intervals: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.document = read(**self.variables)
        self.services: dict[str, dict[str, Any]] = self.document["services"]
        (self.home / "locustfiles").symlink_to(ROOT / "locustfiles")
        for name, secret in self.document["secrets"].items():
            path = self._inside(f"/run/secrets/{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.variables[secret["environment"]])

    def command(self, name: str) -> list[str]:
        """What a service runs, here."""
        service = self.services[name]
        command = service["command"]
        words = shlex.split(command) if isinstance(command, str) else list(command)
        image = service["image"].partition(":")[0]
        if image in _ENTRYPOINTS:
            words.insert(0, _ENTRYPOINTS[image])
        return [_program(words[0]), *(self.here(word) for word in words[1:])]

    def here(self, text: str) -> str:
        """A word of a command or a line of a file, with this host's addresses and paths."""
        hosts = [*map(re.escape, self.services), "localhost", r"0\.0\.0\.0"]
        named = rf"(?<![\w.-])(?:{'|'.join(hosts)})"
        text = re.sub(rf"{named}(?=:\d)|^{named}$(?!\n)", "127.0.0.1", text)
        text = re.sub(r"(?<=:)\d+(?!\d)|^\d+$(?!\n)", self._port, text)
        text = re.sub(r"(?<![\w./])/(?:etc|run|prometheus|tmp)\b", self._path, text)
        for before, after in self.intervals.items():
            text = text.replace(before, after)
        return text

    def _port(self, found: re.Match[str]) -> str:
        return str(self.ports.get(int(found[0]), found[0]))

    def _path(self, found: re.Match[str]) -> str:
        return str(self._inside(found[0]))

    def start(self, name: str, number: int = 1) -> subprocess.Popen[bytes]:
        """Start a service, in its own process group, with its log beside it."""
        self._lay(name)
        environment = {
            **os.environ,
            **{key: str(text) for key, text in self.services[name].get("environment", {}).items()},
        }
        key = f"{name}-{number}"
        with (self.home / f"{key}.log").open("wb") as log:
            self.running[key] = subprocess.Popen(
                self.command(name),
                cwd=self.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.running[key]

    def log(self) -> str:
        """What all of them said last."""
        logs = sorted(self.home.glob("*.log"))
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in logs)

    def wait_for(self, what: str, check: Callable[[], object], timeout_s: float = 40) -> None:
        """Wait until something holds, while every service lives."""
        deadline = time.monotonic() + timeout_s
        while not check():
            ended = [name for name, process in self.running.items() if process.poll() is not None]
            assert not ended, f"{ended} ended while waiting for {what}\n{self.log()}"
            assert time.monotonic() < deadline, f"{what}: not within {timeout_s} s\n{self.log()}"
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_others: object) -> None:
        for process in self.running.values():
            _signal(process, signal.SIGTERM)
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)
            _signal(process, signal.SIGKILL)
            process.wait()

    def _inside(self, path: str) -> Path:
        """Where a container's path lies here."""
        return self.home / "root" / path.strip("/")

    def _lay(self, name: str) -> None:
        """Copy what the service mounts from the repository, with this host's addresses in it."""
        self._inside("/tmp").mkdir(parents=True, exist_ok=True)
        for volume in self.services[name].get("volumes", ()):
            source, target, *_ = volume.split(":")
            if not source.startswith("./"):
                continue
            found = ROOT / source
            for file in [found] if found.is_file() else sorted(found.iterdir()):
                copy = self._inside(target) / ("" if found.is_file() else file.name)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_text("".join(map(self.here, file.read_text().splitlines(keepends=True))))


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """To the service and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _program(name: str) -> str:
    """A program of the environment that runs the tests, or of Debian."""
    ours = Path(sys.executable).with_name(name)
    packages = {"nginx": "nginx-light", "prometheus": "prometheus"}
    return str(ours) if ours.exists() else find_program(name, packages[name])
