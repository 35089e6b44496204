"""Named things of one kind: extension points register here, and wrong names get a helpful answer."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Generic, TypeVar

from reli_analysis.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def nearest(name: str, known: list[str]) -> str:
    """`` (did you mean "x"?)`` for the closest known name, or an empty string."""
    close = difflib.get_close_matches(name, known, n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


class Registry(Generic[T]):
    """A mapping that refuses duplicates and answers an unknown name with the known ones."""

    def __init__(self, noun: str) -> None:
        self._noun = noun
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add ``item``; raises ``ValueError`` when the name is taken (a programming error)."""
        if name in self._items:
            raise ValueError(f'{self._noun} "{name}" is registered twice')
        self._items[name] = item
        return item

    def get(self, name: str) -> T:
        """Return the item; raises ``UnknownNameError`` naming what is known."""
        try:
            return self._items[name]
        except KeyError:
            known = ", ".join(self.names())
            hint = nearest(name, self.names())
            raise UnknownNameError(f'unknown {self._noun} "{name}"{hint}; known: {known}') from None

    def names(self) -> list[str]:
        return sorted(self._items)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self._items)
