"""Reads a profile's YAML into plain values and remembers the line of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from reli_analysis.errors import ProfileError

if TYPE_CHECKING:
    from pathlib import Path

Loc = tuple[str | int, ...]
"""Where a value lies in a document: keys and positions from the top."""

_LARGEST_BYTES = 1_000_000
_DEEPEST = 40
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


def read_source(path: Path, shown: str) -> Source:
    """Read one file, called ``shown`` in messages.

    Raises ``ProfileError`` with one sentence when there is nothing to validate; what is wrong
    inside is left in the source's ``problems``.
    """
    text = _read_text(path, shown)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ProfileError(
            [f"{shown}:{line}: holds a character that YAML does not allow"]
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ProfileError([f"{shown}:{line}: {_yaml_trouble(error)}"]) from None
    if node is None:
        raise ProfileError([f'{shown}:1: is empty; a profile needs at least "stages"'])
    if not isinstance(node, yaml.MappingNode):
        raise ProfileError(
            [f'{shown}:{_line(node)}: is not a profile; write keys and values such as "stages:"']
        )
    return _Builder(shown).build(node)


def _read_text(path: Path, shown: str) -> str:
    if path.exists() and not path.is_file():
        raise ProfileError([f"{shown}: is not a file; name a profile's YAML file"])
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise ProfileError([f"{shown}: there is no such file"]) from None
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        raise ProfileError([f"{shown}: cannot be read: {reason}"]) from None
    if len(raw) > _LARGEST_BYTES:
        raise ProfileError([f"{shown}: is larger than 1 MB, which no profile needs"])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProfileError([f"{shown}:{line}: is not UTF-8 text; save it as UTF-8"]) from None


def _yaml_trouble(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "it cannot be parsed"
    if isinstance(error, _UnwantedError):
        return problem
    if "'\\t'" in problem:
        return "is not YAML: a tab cannot indent; indent with spaces"
    if isinstance(error, yaml.composer.ComposerError):
        return "holds more than one document; keep one profile a file"
    context = f" ({error.context})" if error.context and error.context != problem else ""
    return f"is not YAML: {problem}{context}"


class _UnwantedError(yaml.MarkedYAMLError):
    """YAML that a profile does not use."""

    def __init__(self, problem: str, event: yaml.Event) -> None:
        super().__init__(problem=problem)
        self.problem_mark = event.start_mark  # type: ignore[assignment]  # our loader is pure


class _Loader(yaml.SafeLoader):
    """Composes nodes of bounded depth, and no aliases: a few lines of those can fill the memory."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # stubs lack it
        if isinstance(event, yaml.AliasEvent):
            raise _UnwantedError(
                f'the alias "*{event.anchor}" is not supported; write the value out, '
                'or share it through "extends"',
                event,
            )
        if self._depth >= _DEEPEST:
            raise _UnwantedError(f"is nested deeper than {_DEEPEST} levels", event)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


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
        return Place(self._shown, _line(node))

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


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
