"""Reads a profile's YAML into plain values and remembers the line of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from reli.profile.yamlfile import compose_mapping, line_of

if TYPE_CHECKING:
    from pathlib import Path

Loc = tuple[str | int, ...]
"""Where a value lies in a document: keys and positions from the top."""

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = {_TAG + kind for kind in ("str", "timestamp", "merge", "value")}
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A line of a file, as messages show it."""

    file: str
    line: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a profile, and what would be right."""

    place: Place
    loc: Loc
    message: str

    def __str__(self) -> str:
        where = _shorten(format_loc(self.loc), 200)
        message = _shorten(self.message, 600)
        return f"{self.place.file}:{self.place.line}: {where + ': ' if where else ''}{message}"


@dataclass
class Source:
    """A profile's plain values, the place of each, and what was wrong with its YAML."""

    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Loc, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place_of(self, loc: Loc) -> Place:
        """The place of a value, or of the nearest thing around it."""
        while loc and loc not in self.places:
            loc = loc[:-1]
        return self.places[loc]

    def report(self, loc: Loc, message: str) -> None:
        self.problems.append(Problem(self.place_of(loc), loc, message))


def format_loc(loc: Loc) -> str:
    """``stages[1].ramp.for``."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _shorten(text: str, longest: int) -> str:
    """One printable line, whatever a file's keys and texts hold."""
    line = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"


def read_source(
    path: Path, shown: str, *, noun: str = "profile", first_key: str = "stages"
) -> Source:
    """Read one file, called ``shown`` in messages; ``noun`` and ``first_key`` say what it should be.

    Raises ``ProfileError`` with one sentence when there is nothing to validate; what is wrong
    inside is left in the source's ``problems``.
    """
    node = compose_mapping(path, shown, noun=noun, first_key=first_key)
    return _Builder(shown).build(node)


class _Builder:
    """Turns nodes into plain values, noting places and problems as it goes."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._source = Source()

    def build(self, node: yaml.MappingNode) -> Source:
        self._source.places[()] = self._place(node)
        self._source.data = self._mapping(node, ())
        return self._source

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._shown, line_of(node))

    def _value(self, node: yaml.Node, loc: Loc) -> Any:
        match node:
            case yaml.MappingNode():
                self._check_tag(node, loc, _TAG + "map")
                return self._mapping(node, loc)
            case yaml.SequenceNode():
                self._check_tag(node, loc, _TAG + "seq")
                return [self._item(item, (*loc, at)) for at, item in enumerate(node.value)]
            case _:
                return self._scalar(node, loc)

    def _item(self, node: yaml.Node, loc: Loc) -> Any:
        self._source.places[loc] = self._place(node)
        return self._value(node, loc)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                place = self._place(key_node)
                self._source.problems.append(Problem(place, loc, "a key must be one word"))
                continue
            key = key_node.value
            if key in values:
                first = self._source.places[(*loc, key)].line
                message = f"is given twice, first in line {first}; keep one"
                self._source.problems.append(Problem(self._place(key_node), (*loc, key), message))
                continue
            self._source.places[(*loc, key)] = self._place(key_node)
            values[key] = self._value(value_node, (*loc, key))
        return values

    def _scalar(self, node: yaml.Node, loc: Loc) -> Any:
        text: str = node.value
        match node.tag.removeprefix(_TAG):
            case "null":
                self._source.report(loc, "has no value; write one or take the key away")
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on")
            case "int" | "float":
                return _number(text)
            case _:
                if node.tag not in _TEXT_TAGS:
                    self._check_tag(node, loc, "")
                return text

    def _check_tag(self, node: yaml.Node, loc: Loc, usual: str) -> None:
        if node.tag != usual:
            name = node.tag.replace(_TAG, "!!")
            self._source.report(loc, f'the tag "{name}" is not supported; write the plain value')


def _number(text: str) -> int | float | str:
    """A decimal number; what only YAML takes for one (``1:30``, ``0x10``) stays the text it is."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
