"""A YAML file of bounded size and depth, without aliases, as nodes that know their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from reli_analysis.errors import ProfileError

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_BYTES = 1_000_000
_DEEPEST = 40


def line_of(node: yaml.Node) -> int:
    """The line that a node begins in, from 1."""
    return int(node.start_mark.line) + 1


def compose_mapping(
    path: Path, shown: str, *, noun: str = "profile", first_key: str = "stages"
) -> yaml.MappingNode:
    """The nodes of a file that holds one mapping; the file is called ``shown`` in messages.

    ``noun`` says what it should be, and ``first_key`` what it cannot lack. Raises ``ProfileError`` with one sentence when it does not.
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
        raise ProfileError([f'{shown}:1: is empty; a {noun} needs at least "{first_key}"'])
    if not isinstance(node, yaml.MappingNode):
        raise ProfileError(
            [
                f'{shown}:{line_of(node)}: is not a {noun}; write keys and values such as "{first_key}:"'
            ]
        )
    return node


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
