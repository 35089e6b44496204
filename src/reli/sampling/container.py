"""``container:NAME``: a container, measured through its cgroup.

A container engine that runs here is asked for the id that belongs to the name. Without one, NAME is
taken as an id, or the beginning of one, that a cgroup's directory bears (``docker-ID.scope``,
``libpod-ID.scope``, ``/docker/ID``, ``/kubepods/.../ID``), or else as that directory's own name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.background import Background
from reli.sampling.cgroup import Cgroup
from reli.sampling.cgroup_paths import Hierarchies
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.sampling.source import Reading, Surroundings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]*\Z")
_OF_CONTAINER = re.compile(r"(?:[a-z-]+-)?([0-9a-f]{64})(?:\.scope)?\Z")
_MONITOR = "-conmon-"
_LEAST_OF_ID = 6
_UNIT = re.compile(r"\.(?:scope|service|slice)\Z")
_LOOK_AGAIN_S = 5.0
_MOST_TOLD = 5


@dataclass(frozen=True)
class Found:
    """Where a container is, or why it is not known; a trouble is told once."""

    path: str | None
    trouble: str = ""


def container_id(path: str) -> str | None:
    """The id that the last part of a cgroup's path bears, if it is a container's."""
    name = path.rpartition("/")[2]
    match = _OF_CONTAINER.match(name)
    return match[1] if match and _MONITOR not in name else None


def find(name: str, known_id: str | None, paths: Iterable[str]) -> Found:
    """The one cgroup that a container's id, the beginning of one, or its own name points at."""
    wanted = known_id or (name if _is_id(name) else None)
    by_id: dict[str, str] = {}
    by_name = []
    for path in paths:
        its_id = container_id(path)
        if wanted and its_id and its_id.startswith(wanted):
            by_id.setdefault(its_id, path)  # the outermost: a container may have cgroups within
        elif _UNIT.sub("", path.rpartition("/")[2]) == _UNIT.sub("", name):
            by_name.append(path)
    found = list(by_id.values()) or by_name
    if len(found) > 1:
        return Found(None, f"{len(found)} cgroups fit it, for example {found[0]} and {found[1]}")
    return Found(found[0] if found else None)


def _is_id(name: str) -> bool:
    return len(name) >= _LEAST_OF_ID and re.fullmatch("[0-9a-f]+", name) is not None


class Container:
    """Looks for the container in a thread while it is not there, and measures its cgroup."""

    def __init__(
        self,
        name: str,
        surroundings: Surroundings,
        hierarchies: Hierarchies,
        sockets: tuple[str, ...] | None,
    ) -> None:
        self._name = name
        self._surroundings = surroundings
        self._subject = f"container:{name}"
        self._hierarchies = hierarchies
        self._sockets = sockets
        self._looked_s = -_LOOK_AGAIN_S
        self._told: set[str] = set()
        self._finder = Background(self._find, "find-container")
        self._cgroup = Cgroup(surroundings, self._subject, name, self._path, hierarchies)
        self._look()

    def _find(self) -> Found:
        """In the thread."""
        from reli.sampling import container_engine  # noqa: PLC0415 -- HTTP; few runs need it

        sockets = container_engine.usual_sockets() if self._sockets is None else self._sockets
        answer = container_engine.ask(self._name, sockets)
        found = find(self._name, answer.container_id, self._hierarchies.every_path())
        if found.path is None and not found.trouble and answer.troubles:
            return Found(None, f"no container engine told its id: {'; '.join(answer.troubles)}")
        return found

    def _look(self) -> None:
        elapsed_s = self._surroundings.clock.elapsed_s()
        if elapsed_s - self._looked_s >= _LOOK_AGAIN_S:
            self._looked_s = elapsed_s
            self._finder.ask()

    def _path(self) -> str | None:
        found = self._finder.newest()
        if found is None:
            return None
        if found.path is None or not any(self._hierarchies.directories(found.path)):
            self._look()
        if found.trouble and found.trouble not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(found.trouble)
            self._surroundings.event("sampling", self._subject, found.trouble)
        return found.path

    def sample(self) -> Iterable[Reading]:
        return self._cgroup.sample()

    def close(self) -> None:
        self._finder.close()
        self._cgroup.close()


@dataclass(frozen=True)
class OneContainer:
    """A container by its name or id; ``sockets`` are where engines listen, if not as usual."""

    name: str
    sockets: tuple[str, ...] | None = None

    def open(self, surroundings: Surroundings) -> Container:
        return Container(self.name, surroundings, Hierarchies.of_this_host(), self.sockets)


def _parse(argument: str) -> OneContainer:
    if not _NAME.match(argument):
        raise InputError(
            f'target "container:{argument}" needs a container\'s name or id, '
            "for example container:web-1"
        )
    return OneContainer(argument)


SOURCES.register("container", _parse)
