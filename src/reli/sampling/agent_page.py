"""What an agent answers: samples and events in their order, each in the Prometheus text format.

Everything in it is another program's word: what is malformed or too much is left out, never
believed, and texts are cut and cleaned before anything shows them.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli.sampling.exposition_text import LineReader
from reli.sampling.names import METRIC_VALUE, column_of, in_column_units
from reli.sampling.source import Reading
from reli_analysis.record.layout import METRIC

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reli.sampling.exposition_text import Labels

_MOST_ROWS = 20_000
_LONGEST_TEXT = 300
_LONGEST_MESSAGE = 1000
_KINDS = frozenset({"restart", "exit", "appeared", "vanished", "sampling", "gap", "clock"})
_OTHER_KIND = "sampling"


@dataclass(frozen=True)
class Head:
    """The agent's own words: ``elapsed_s`` and ``wall_s`` are its clocks as it answered.

    ``identity`` differs from one start of an agent to the next; items are numbered from 1.
    """

    identity: str
    host: str
    elapsed_s: float
    wall_s: float
    interval_s: float
    oldest: int
    newest: int
    last: int | None


@dataclass(frozen=True)
class AgentSample:
    """One sample; each reading has the agent's time of it, and its source as the agent names it."""

    elapsed_s: float
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class AgentEvent:
    """Something that happened at the agent's; ``subject`` is a source as the agent names it."""

    elapsed_s: float
    kind: str
    subject: str
    message: str


@dataclass(frozen=True)
class Answer:
    """One page, and when it was asked for and came, on ``time.monotonic``."""

    head: Head
    items: tuple[AgentSample | AgentEvent, ...]
    asked_s: float
    came_s: float


class AnswerParser:
    """Reads page after page of one agent."""

    def __init__(self) -> None:
        self._lines = LineReader()

    def parse(self, content: bytes, asked_s: float, came_s: float) -> Answer:
        """Raises ``ValueError`` with a sentence for what no agent of reli answers."""
        first, *lines = content.decode("utf-8", "replace").split("\n")
        head = _head(_json(first.removeprefix("# agent ")))
        items: list[_Building | AgentEvent | None] = []
        sample: _Building | None = None
        for line in lines:
            if not line.startswith("# "):
                if sample is not None:
                    sample.add(line)
                continue
            _, word, said = line.split(" ", 2) if line.count(" ") > 1 else ("", "", "")
            if word == "at" and sample is not None:
                sample.at_s = _number(_json(said))
            elif word == "sample":
                sample = _sample(_json(said), self._lines)
                items.append(sample)
            elif word == "event":
                items.append(_event(_json(said)))
        whole = (i.done() if isinstance(i, _Building) else i for i in items if i is not None)
        return Answer(head, tuple(whole), asked_s, came_s)


class _Building:
    """A sample whose lines are coming: values of one thing gather to one reading."""

    def __init__(self, elapsed_s: float, lines: LineReader) -> None:
        self._elapsed_s = elapsed_s
        self._lines = lines
        self._rows: dict[tuple[str, Labels, float], dict[str, float]] = {}
        self.at_s: float | None = elapsed_s

    def add(self, line: str) -> None:
        sample = self._lines.read(line)
        if sample is None or not math.isfinite(sample.value) or self.at_s is None:
            return
        if sample.name == METRIC_VALUE:
            kind, column = METRIC, "value"
        elif (of := column_of(sample.name)) is not None:
            kind, column = of
        else:
            return
        key = kind, sample.labels, self.at_s
        if key in self._rows or len(self._rows) < _MOST_ROWS:
            values = self._rows.setdefault(key, {})
            values[column] = in_column_units(column, sample.value)

    def done(self) -> AgentSample:
        return AgentSample(self._elapsed_s, tuple(self._readings()))

    def _readings(self) -> Iterator[Reading]:
        for (kind, labels, at_s), values in self._rows.items():
            said = dict(labels)
            try:
                pid, segment = int(said.get("pid", 0)), int(said.get("segment", 0))
                parent_pid, started_s = (
                    int(said.get("parent_pid", 0)),
                    float(said.get("started", 0)),
                )
            except ValueError:
                continue
            if math.isfinite(started_s):
                yield Reading(
                    kind,
                    clean(said.get("metric" if kind == METRIC else "process", "")),
                    values,
                    pid=pid,
                    started_s=started_s,
                    parent_pid=parent_pid,
                    segment=segment,
                    host=clean(said.get("host", "")),
                    elapsed_s=at_s,
                    source=clean(said.get("source", "")),
                )


def clean(text: str, longest: int = _LONGEST_TEXT) -> str:
    """A text of another program as it may be shown: one line, of bounded length."""
    return "".join(c if c.isprintable() else "?" for c in text[:longest])


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e15 else None


def _head(said: Any) -> Head:
    """Raises ``ValueError`` when anything in it is missing, or no sense."""
    said = said if isinstance(said, dict) else {}
    names = ("elapsed_s", "wall_s", "interval_s", "oldest", "newest")
    numbers = {name: _number(said.get(name)) for name in names}
    last = _number(said.get("last"))
    elapsed_s, wall_s, interval_s, oldest, newest = numbers.values()
    if elapsed_s is None or wall_s is None or not interval_s or oldest is None or newest is None:
        raise ValueError("what answers is no agent of reli")
    return Head(
        clean(str(said.get("id", ""))),
        clean(str(said.get("host", ""))),
        elapsed_s,
        wall_s,
        abs(interval_s),
        int(oldest),
        int(newest),
        None if last is None else int(last),
    )


def _sample(said: Any, lines: LineReader) -> _Building | None:
    elapsed_s = _number(said.get("elapsed_s")) if isinstance(said, dict) else None
    return None if elapsed_s is None else _Building(elapsed_s, lines)


def _event(said: Mapping[str, Any] | None) -> AgentEvent | None:
    elapsed_s = _number(said.get("elapsed_s")) if isinstance(said, dict) else None
    if elapsed_s is None or said is None:
        return None
    kind = str(said.get("kind"))
    return AgentEvent(
        elapsed_s,
        kind if kind in _KINDS else _OTHER_KIND,
        clean(str(said.get("subject", ""))),
        clean(str(said.get("message", "")), _LONGEST_MESSAGE),
    )
