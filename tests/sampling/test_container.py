"""A container is found by its cgroup: by an engine's answer, by its id, or by its own name.

No container engine runs here. The cgroups are real and named as Docker, Podman, CRI-O and
Kubernetes name theirs; the engine is a small HTTP server on a Unix socket that answers as Docker's
API documents ``GET /containers/NAME/json``.
"""

from __future__ import annotations

import hashlib
import json
import os
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from reli.clock import RunClock
from reli.sampling import Reading, Surroundings, container, container_engine, parse_target
from reli.sampling.background import Background
from reli.sampling.cgroup_paths import Hierarchies
from reli.sampling.container import Container, Found, container_id, find
from reli_analysis.errors import InputError
from reli_analysis.record.layout import CGROUP
from support.cgroups import RealCgroup, real_cgroup

Event = tuple[str, str, str]
A, B = "a1b2c3" + "0" * 58, "a1b2c4" + "f" * 58

KUBEPODS = "/kubepods.slice/kubepods-burstable.slice/kubepods-pod12.slice/cri-containerd-ID.scope"

OWN, OTHER = (hashlib.sha256(f"{os.getpid()} {n}".encode()).hexdigest() for n in (1, 2))
"""Ids of real cgroups, which no test at the same time has."""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"/system.slice/docker-{A}.scope", A),
        (f"/docker/{A}", A),
        (f"/machine.slice/libpod-{A}.scope", A),
        (f"/libpod_parent/libpod-{A}", A),
        (f"/kubepods/besteffort/pod12/{A}", A),
        (KUBEPODS.replace("ID", A), A),
        (f"/machine.slice/libpod-conmon-{A}.scope", None),
        (f"/crio-conmon-{A}.scope", None),
        ("/system.slice/nginx.service", None),
        (f"/docker/{A}/init", None),
    ],
)
def test_engines_name_their_cgroups_by_the_id(path: str, found: str | None) -> None:
    """With a prefix and a suffix of their own; what only watches a container is none."""
    assert container_id(path) == found


PATHS = (
    "/system.slice",
    "/system.slice/nginx.service",
    f"/system.slice/docker-{A}.scope",
    f"/system.slice/docker-{A}.scope/inner",
    f"/docker/{B}",
    "/lxc.payload.web",
)


@pytest.mark.parametrize(
    ("name", "known_id", "path"),
    [
        ("web", A, PATHS[2]),
        (A, None, PATHS[2]),
        ("a1b2c3", None, PATHS[2]),
        (B[:12], None, PATHS[4]),
        ("nginx.service", None, PATHS[1]),
        ("nginx", None, PATHS[1]),
        ("lxc.payload.web", None, PATHS[5]),
        ("web", None, None),
        ("web", "9" * 64, None),
        ("a1b", None, None),
    ],
)
def test_a_name_is_an_id_or_that_of_a_cgroup(
    name: str, known_id: str | None, path: str | None
) -> None:
    """The engine's id comes first, then the beginning of an id, then the directory's own name."""
    assert find(name, known_id, PATHS) == Found(path)


def test_a_name_that_fits_two_containers_is_refused() -> None:
    """Neither is measured in place of the other; the sentence says which they are."""
    two = find("web", None, ["/a/web.scope", "/b/web"])
    assert two.path is None
    assert "2 cgroups fit it, for example /a/web.scope and /b/web" in two.trouble
    assert find("a1b2c", None, [*PATHS]).path is None  # too short for an id
    assert "2 cgroups" in find("a1b2c3", None, [f"/docker/{A}", f"/docker/{A[:-1]}1"]).trouble


class Engine(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Knows containers by name, as ``answers``: a status and a body, or an event to wait for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.silent_until = threading.Event()
        self.silent_until.set()
        self.asked: list[str] = []
        self.path = str(path)
        super().__init__(self.path, _Handler)

    def knows(self, name: str, container_id: str) -> None:
        said = {"Id": container_id, "Name": f"/{name}", "State": {"Status": "running", "Pid": 4242}}
        self.answers[name] = 200, json.dumps(said).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Engine

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.silent_until.wait(60)
        _, kind, name, what = self.path.split("/")
        known = (kind, what) == ("containers", "json") and self.server.answers.get(name)
        missing = (404, b'{"message":"No such container: it"}')
        status, body = known or missing
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):  # too much of it for the one who asked
            self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _engine(directory: Path) -> Iterator[Engine]:
    with Engine(directory / "engine.sock") as engine:
        serving = threading.Thread(target=engine.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield engine
        finally:
            engine.silent_until.set()
            engine.shutdown()
            serving.join()


@contextmanager
def _sampled(name: str, *sockets: str) -> Iterator[tuple[Container, list[Event]]]:
    events: list[Event] = []
    surroundings = Surroundings(RunClock.begin(1.0), lambda *event: events.append(event))
    source = Container(name, surroundings, Hierarchies.of_this_host(), sockets)
    try:
        yield source, events
    finally:
        source.close()


def _first(source: Container) -> Reading:
    """The first reading of its cgroup: it is looked for in a thread."""
    until_s = time.monotonic() + 20
    while not (readings := [one for one in source.sample() if one.kind == CGROUP]):
        assert time.monotonic() < until_s
        time.sleep(0.02)
    return readings[0]


def test_a_container_is_measured_by_the_engines_answer(tmp_path: Path) -> None:
    """The name becomes an id, the id a cgroup, and the row bears the container's name."""
    with (
        _engine(tmp_path) as engine,
        real_cgroup(f"/docker/{OWN}", "memory"),
        _sampled("web-1", engine.path) as (source, events),
    ):
        engine.knows("web-1", OWN)
        reading = _first(source)
    assert reading.name == "web-1"
    assert "memory_bytes" in reading.values
    assert engine.asked[0] == "/containers/web-1/json"
    assert [event for event in events if event[0] not in {"sampling", "pace"}] == []


def test_a_container_that_is_made_anew_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same name it has another id: a new segment of the same source."""
    monkeypatch.setattr(container, "_LOOK_AGAIN_S", 0.05)
    with _engine(tmp_path) as engine, real_cgroup(f"/docker/{OWN}", "memory") as old:
        engine.knows("web", OWN)
        with _sampled("web", engine.path) as (source, events):
            assert _first(source).segment == 0
            old.remove()
            assert list(source.sample()) == []
            engine.knows("web", OTHER)
            with real_cgroup(f"/docker/{OTHER}", "memory"):
                assert _first(source).segment == 1
    assert [event[0] for event in events if event[0] not in {"sampling", "pace"}] == [
        "vanished",
        "appeared",
    ]


@pytest.mark.parametrize(
    "path", ["/system.slice/docker-ID.scope", "/machine.slice/libpod-ID.scope", KUBEPODS]
)
def test_a_container_is_measured_by_its_id_without_an_engine(tmp_path: Path, path: str) -> None:
    """The beginning of the id is enough, as with the engines themselves."""
    with (
        real_cgroup(path.replace("ID", OWN), "memory") as cgroup,
        _sampled(OWN[:12], str(tmp_path / "no.sock")) as (source, _events),
    ):
        inner = RealCgroup(f"{cgroup.path}/container", ["memory"])
        inner.make()
        assert "memory_bytes" in _first(source).values


def test_an_engine_that_is_silent_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Samples go on while it is waited for; then the id is looked for without it, and that told."""
    monkeypatch.setattr(container_engine, "_TIMEOUT_S", 0.3)
    with (
        _engine(tmp_path) as engine,
        real_cgroup(f"/reli-alone-{os.getpid()}", "memory") as cgroup,
    ):
        engine.silent_until.clear()
        with _sampled(cgroup.path.strip("/"), engine.path) as (source, events):
            assert list(source.sample()) == []
            assert source._finder.newest() is None  # it is still waited for
            assert "memory_bytes" in _first(source).values
    assert events == [] or events[0][0] == "sampling"


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"{}", "status 500"),
        (200, b"no json", "Expecting value"),
        (200, b"[]", "has no Id"),
        (200, b'{"Id": 12}', "has no Id"),
        (200, b'{"Id": "0", "more": "' + b"0" * (5 << 20) + b'"}', "Unterminated string"),
    ],
)
def test_an_engine_that_answers_wrongly_is_told(
    tmp_path: Path, status: int, body: bytes, why: str
) -> None:
    """No more than a bounded part of its answer is read."""
    with _engine(tmp_path) as engine:
        engine.answers["web"] = status, body
        answer = container_engine.ask("web", (engine.path,))
    assert answer.container_id is None
    assert why in answer.troubles[0]


def test_the_next_engine_is_asked_when_one_does_not_know_it(tmp_path: Path) -> None:
    """Docker and Podman may both run; a socket that nobody serves is a trouble, not an error."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with _engine(tmp_path / "a") as first, _engine(tmp_path / "b") as second:
        second.knows("web", A)
        answer = container_engine.ask("web", (str(tmp_path / "none"), first.path, second.path))
        assert answer == container_engine.Answer(A, ())
        assert container_engine.ask("other", (second.path,)) == container_engine.Answer(None)
    answer = container_engine.ask("web", (first.path,))
    assert answer.container_id is None
    assert "Connection refused" in answer.troubles[0]


def test_a_name_is_quoted_in_what_is_asked(tmp_path: Path) -> None:
    """Whatever a name holds, it stays within its part of the path."""
    with _engine(tmp_path) as engine:
        container_engine.ask("a:b@c", (engine.path,))
    assert engine.asked == ["/containers/a%3Ab%40c/json"]


def test_a_trouble_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container that is not found is looked for again and again, and told of once."""
    monkeypatch.setattr(container, "_LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr("reli.sampling.cgroup._PATIENCE_S", 0.0)
    with _engine(tmp_path) as engine:
        engine.answers["web"] = 500, b""
        with _sampled("web", engine.path) as (source, events):
            until_s = time.monotonic() + 20
            while len(engine.asked) < 4:
                assert list(source.sample()) == []
                assert time.monotonic() < until_s
                time.sleep(0.01)
            list(source.sample())
    assert sorted(event[0] for event in events) == ["sampling", "vanished"]
    assert any("status 500" in event[2] for event in events)


@pytest.mark.parametrize("text", ["container:/a", "container:a b", "container:-x"])
def test_a_container_needs_a_name(text: str) -> None:
    """The sentence shows one."""
    with pytest.raises(InputError, match="container:web-1"):
        parse_target(text)


def test_work_in_the_background_is_done_when_it_is_asked_for() -> None:
    """Only the newest result is kept, for as long as it is fresh, and the thread ends."""
    done: list[int] = []
    work = Background(lambda: done.append(1) or len(done), "test")  # type: ignore[func-returns-value] # None is falsy
    assert work.newest() is None
    for count in (1, 2):
        work.ask()
        until_s = time.monotonic() + 10
        while work.newest() != count:
            assert time.monotonic() < until_s
            time.sleep(0.001)
    assert work.newest(at_most_s=-1) is None
    work.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]
