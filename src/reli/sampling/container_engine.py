"""Asks a container engine for the id of a container by its name, over the engine's Unix socket.

Docker's engine and Podman (with its compatible API) answer ``GET /containers/NAME/json`` alike.
Nothing but that is asked.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from dataclasses import dataclass
from urllib.parse import quote

_TIMEOUT_S = 2.0
_MOST_BYTES = 4 << 20
_UNIX = "unix://"


@dataclass(frozen=True)
class Answer:
    """The container's id, if an engine knew it; ``troubles`` say which engines did not answer."""

    container_id: str | None
    troubles: tuple[str, ...] = ()


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def usual_sockets() -> tuple[str, ...]:
    """Where engines listen: as ``DOCKER_HOST`` says, Docker's and Podman's own, the user's own."""
    said = os.environ.get("DOCKER_HOST", "")
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    return (
        *([said.removeprefix(_UNIX)] if said.startswith(_UNIX) else []),
        "/run/docker.sock",
        "/var/run/docker.sock",
        "/run/podman/podman.sock",
        *([f"{own}/docker.sock", f"{own}/podman/podman.sock"] if own else []),
    )


def ask(name: str, sockets: tuple[str, ...]) -> Answer:
    """Ask each engine that is there until one knows the container; takes seconds at worst."""
    troubles = []
    for path in dict.fromkeys(os.path.realpath(place) for place in sockets):
        if not os.path.exists(path):  # noqa: PTH110 -- a path as text, as sockets take it
            continue
        try:
            found = _ask_one(path, name)
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            troubles.append(f"{path}: {reason}")
            continue
        if found is not None:
            return Answer(found)
    return Answer(None, tuple(troubles))


def _ask_one(path: str, name: str) -> str | None:
    """``None`` when it knows no such container; raises ``ValueError`` for no sensible answer."""
    connection = _UnixConnection(path)
    try:
        connection.request("GET", f"/containers/{quote(name, safe='')}/json")
        response = connection.getresponse()
        if response.status == http.client.NOT_FOUND:
            return None
        if response.status != http.client.OK:
            raise ValueError(f"it answered with status {response.status}")
        said = json.loads(response.read(_MOST_BYTES))
    finally:
        connection.close()
    found = said.get("Id") if isinstance(said, dict) else None
    if not isinstance(found, str):
        raise ValueError("its answer has no Id")  # noqa: TRY004 -- wrong data, not a wrong call
    return found
