"""The newest samples and events, numbered in their order, in bounds of number and size."""

from __future__ import annotations

import gzip
import threading
from collections import deque
from dataclasses import dataclass

MOST_ITEMS = 600
"""Ten minutes of samples, one a second."""
MOST_BYTES = 2 * 1024 * 1024
MOST_AT_ONCE_BYTES = 512 * 1024
MOST_AT_ONCE = 120
"""What one answer may hold; who is further behind asks again."""


@dataclass(frozen=True)
class Item:
    """One sample or event: its text, compressed."""

    number: int
    packed: bytes
    is_sample: bool


class History:
    """Kept for readers that were away; one thread adds, another reads."""

    def __init__(self, most_items: int = MOST_ITEMS, most_bytes: int = MOST_BYTES) -> None:
        self._most_items = most_items
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._newest = 0

    @property
    def newest(self) -> int:
        """The number of the newest item; 0 before the first."""
        return self._newest

    @property
    def oldest(self) -> int:
        """The number of the oldest item that is kept."""
        with self._lock:
            return self._items[0].number if self._items else self._newest + 1

    def add(self, text: str, *, is_sample: bool) -> None:
        packed = pack(text)
        with self._lock:
            self._newest += 1
            self._items.append(Item(self._newest, packed, is_sample))
            self._bytes += len(packed)
            while len(self._items) > self._most_items or (
                self._bytes > self._most_bytes and len(self._items) > 1
            ):
                self._bytes -= len(self._items.popleft().packed)

    def after(self, number: int) -> list[Item]:
        """What follows an item, the oldest first: as much as one answer may hold, at least one."""
        with self._lock:
            following = [item for item in self._items if item.number > number]
        found: list[Item] = []
        size = 0
        for item in following[:MOST_AT_ONCE]:
            size += len(item.packed)
            if found and size > MOST_AT_ONCE_BYTES:
                break
            found.append(item)
        return found

    def last_sample(self) -> list[Item]:
        """The newest sample alone; nothing before the first."""
        with self._lock:
            return next(([item] for item in reversed(self._items) if item.is_sample), [])


def pack(text: str) -> bytes:
    """A member of a gzip stream: members that follow one another are one stream."""
    return gzip.compress(text.encode("utf-8", "replace"), compresslevel=1, mtime=0)
