"""What a reader is. One file a format; each recognises its own by content, not by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.series import Run


class Reader(Protocol):
    """Reads one format into a :class:`Run`."""

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether the input is of this format; ``head`` is a file's beginning, empty otherwise.

        At most one reader may recognise an input.
        """
        ...

    def read(self, path: Path) -> Run:
        """Read it; raises ``InputError`` or ``RecordError`` when nothing of it can be used."""
        ...


READERS: Registry[Reader] = Registry("reader")
