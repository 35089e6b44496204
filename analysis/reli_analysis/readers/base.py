"""What a reader is. One file a format; each recognises its own by content, not by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run


class Progress(Protocol):
    """Told now and then how many bytes of how many have been read; must return at once."""

    def __call__(self, done_bytes: int, total_bytes: int) -> None: ...


def silent(done_bytes: int, total_bytes: int) -> None:
    """The progress that nobody watches."""
    del done_bytes, total_bytes


@dataclass(frozen=True)
class Column:
    """A column that is asked for, and the unit of its values ("" when the name says it)."""

    name: str
    unit: str = ""


@dataclass(frozen=True)
class Guide:
    """What the caller says about an input: its time column, the columns to read, who watches."""

    time: str = ""
    columns: tuple[Column, ...] = ()
    progress: Progress = silent

    @property
    def is_for_tables(self) -> bool:
        """Whether it names columns, which only a table has."""
        return bool(self.time or self.columns)


class Reader(Protocol):
    """Reads one format into a :class:`Run`."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the input is of this format; ``head`` is a file's beginning, empty otherwise.

        At most one reader may recognise an input.
        """
        ...

    def read(self, path: Path, guide: Guide) -> Run:
        """Read it; raises ``InputError`` or ``RecordError`` when nothing of it can be used."""
        ...


READERS: Registry[Reader] = Registry("reader")
