"""What is written when the record's disk fills up: less, then nothing, never half a line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from reli_analysis.errors import InputError
from reli_analysis.units import format_value, parse_quantity

if TYPE_CHECKING:
    from pathlib import Path

PLENTY = "plenty"
THIN = "thin"
STOP = "stop"

THINNED = 10
"""Below the reserve, what is thinned is written once in so many times."""

_DEFAULT_BYTES = 200_000_000
_DEFAULT_SHARE = 0.05
_STOP_SHARE = 0.25
_PLENTY_AGAIN = 1.1


class DiskReserve:
    """Decides by the free space: ``PLENTY``, ``THIN`` below the reserve, ``STOP`` below a quarter.

    Space has to come back to a tenth more than the reserve before there is plenty again, so that a
    disk that hovers at the mark makes no event each second.
    """

    def __init__(self, reserve_bytes: float) -> None:
        self.reserve_bytes = reserve_bytes
        self.stop_bytes = reserve_bytes * _STOP_SHARE
        self.level = PLENTY

    def look(self, free_bytes: int) -> str | None:
        """Take the free space into account; returns a sentence when the level has changed."""
        before, self.level = self.level, self._level(free_bytes)
        if self.level == before:
            return None
        free, reserve = format_value(free_bytes, "bytes"), format_value(self.reserve_bytes, "bytes")
        if self.level == STOP:
            least = format_value(self.stop_bytes, "bytes")
            return (
                f"the record's disk has {free} left, less than {least}, a quarter of its reserve: "
                "nothing more is written"
            )
        if self.level == THIN:
            return (
                f"the record's disk has {free} left, less than the reserve of {reserve}: resources, "
                "metrics and endpoints are written a tenth as often"
            )
        return f"the record's disk has {free} left: everything is written again"

    def _level(self, free_bytes: int) -> str:
        if self.level == STOP or free_bytes < self.stop_bytes:
            return STOP
        thin_below = self.reserve_bytes * (_PLENTY_AGAIN if self.level == THIN else 1)
        return THIN if free_bytes < thin_below else PLENTY


def parse_reserve_bytes(text: str) -> float:
    """The reserve that a person writes, such as ``500MB``; raises ``InputError``."""
    quantity = parse_quantity(text)
    if quantity.unit != "bytes" or quantity.value < 0:
        raise InputError(f'"{text}" is not an amount of disk; write for example 500MB')
    return quantity.value


def default_reserve_bytes(directory: Path) -> float:
    """200 MB, or a twentieth of a disk that is smaller than 4 GB."""
    disk = os.statvfs(directory)
    return min(_DEFAULT_BYTES, disk.f_blocks * disk.f_frsize * _DEFAULT_SHARE)


def free_bytes(directory: Path) -> int:
    """What an ordinary user may still write there."""
    disk = os.statvfs(directory)
    return disk.f_bavail * disk.f_frsize
