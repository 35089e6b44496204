"""What the agent answers: ``/metrics``, ``/samples`` and ``/health``."""

from __future__ import annotations

import gzip
import math
import secrets
import time
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from reli.agent.history import pack
from reli.agent.text import AGENT, comment, page_text, series_of
from reli.sampling.exposition_text import show_labels
from reli.sampling.names import METRIC_VALUE, VALUE_COLUMNS, column_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reli.agent.history import History
    from reli.agent.measuring import Measuring, Newest
    from reli.sampling import Reading

OPEN_TO_ALL = "/health"
"""The one path that needs no token: it says nothing but whether the agent is at work."""

_TEXT = "text/plain; charset=utf-8"
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_STALE_INTERVALS, _STALE_S = 3, 5.0

_Family = tuple[str, str, str, "Mapping[str, float]"]


@dataclass(frozen=True)
class Page:
    """An answer; ``packed`` says that its content is compressed."""

    status: HTTPStatus
    content: bytes
    media_type: str = _TEXT
    packed: bool = False


class Pages:
    """Reads what was measured; it changes nothing."""

    def __init__(self, measuring: Measuring, history: History) -> None:
        self._measuring = measuring
        self._history = history
        self._id = secrets.token_hex(8)
        self._version = _version()
        self._started_s = measuring.clock.elapsed_s()

    def answer(self, target: str, *, takes_gzip: bool) -> Page:
        """The page at a path with its query."""
        path, _, query = target.partition("?")
        match path:
            case "/metrics":
                content = page_text(self._families()).encode("utf-8", "replace")
                packed = gzip.compress(content, compresslevel=1) if takes_gzip else content
                return Page(HTTPStatus.OK, packed, _PROMETHEUS, packed=takes_gzip)
            case "/samples":
                return self._samples(query, takes_gzip=takes_gzip)
            case "/health":
                return self._health()
        return Page(
            HTTPStatus.NOT_FOUND, b"This is an agent of reli; it has /metrics, /samples, /health.\n"
        )

    def _health(self) -> Page:
        newest, clock = self._measuring.newest, self._measuring.clock
        since_s = clock.elapsed_s() - (newest.elapsed_s if newest else self._started_s)
        if since_s <= _STALE_INTERVALS * clock.interval_s + _STALE_S:
            return Page(HTTPStatus.OK, b"ok\n")
        text = f"no sample for {since_s:.0f} s\n"
        return Page(HTTPStatus.SERVICE_UNAVAILABLE, text.encode())

    def _samples(self, query: str, *, takes_gzip: bool) -> Page:
        """Samples and events after the one that the reader had last; for a new one the newest."""
        asked = parse_qs(query, max_num_fields=5)
        after = asked.get("after", [""])[0]
        if after and not (after.isascii() and after.isdecimal() and len(after) < 19):
            return Page(HTTPStatus.BAD_REQUEST, b"after=N takes the number of an item.\n")
        if not after:
            items = self._history.last_sample()
        else:
            # The numbers of an agent that ran before this one say nothing here.
            own = asked.get("of", [self._id])[0] == self._id
            items = self._history.after(int(after) if own else 0)
        numbers = [item.number for item in items]
        head = comment(
            AGENT,
            {
                "id": self._id,
                "version": self._version,
                "host": self._measuring.host,
                "elapsed_s": self._measuring.clock.elapsed_s(),
                "wall_s": time.time(),
                "interval_s": self._measuring.clock.interval_s,
                "oldest": self._history.oldest,
                "newest": self._history.newest,
                "first": numbers[0] if numbers else None,
                "last": numbers[-1] if numbers else None,
            },
        )
        content = b"".join([pack(head), *(item.packed for item in items)])
        if not takes_gzip:
            content = gzip.decompress(content)
        return Page(HTTPStatus.OK, content, _PROMETHEUS, packed=takes_gzip)

    def _families(self) -> Iterator[_Family]:
        newest = self._measuring.newest
        about = show_labels([("version", self._version), ("host", self._measuring.host)])
        yield "reli_agent_info", "gauge", "this agent", {about: 1.0}
        elapsed_s = self._measuring.clock.elapsed_s()
        yield "reli_agent_elapsed_seconds", "gauge", "since the agent began", {"": elapsed_s}
        if newest is not None:
            yield from _of_sample(newest)


def _of_sample(newest: Newest) -> Iterator[_Family]:
    yield "reli_agent_sample_seconds", "gauge", "time of the newest sample", {"": newest.wall_s}
    missed = {"": float(newest.missed)}
    yield "reli_agent_missed_samples_total", "counter", "samples not taken in time", missed
    events = {
        show_labels([("kind", kind), ("source", source)]): float(count)
        for (kind, source), count in newest.events.items()
    }
    if events:
        yield "reli_events_total", "counter", "what happened to the targets", events
    values: dict[str, dict[str, float]] = {}
    # Of several moments of a series, the last stands.
    for source, reading in sorted(newest.readings, key=_moment):
        for (name, labels), value in series_of(source, reading):
            values.setdefault(name, {})[labels] = value
    for name, by_labels in values.items():
        if name == METRIC_VALUE:
            yield name, "gauge", "a number that a target publishes itself", by_labels
        elif (of := column_of(name)) is not None:
            column = VALUE_COLUMNS[of[1]]
            yield name, "counter" if column.counter else "gauge", column.meaning, by_labels


def _moment(measured: tuple[str, Reading]) -> float:
    """What was measured by the sample itself is newer than what it was handed."""
    at_s = measured[1].elapsed_s
    return math.inf if at_s is None else at_s


def _version() -> str:
    try:
        return version("reli")
    except PackageNotFoundError:
        return "unknown"
