"""A series as one row of characters: the highest of each stretch, gaps left empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=+*#@"


def spark(highs: Sequence[float | None], width: int, characters: str = BLOCKS) -> str:
    """At most ``width`` characters, from the lowest to the highest of the row.

    A series that does not change stands at the bottom.
    """
    count = len(highs)
    columns = min(width, count)
    tops: list[float | None] = []
    for column in range(columns):
        slot = highs[column * count // columns : (column + 1) * count // columns]
        tops.append(max((value for value in slot if value is not None), default=None))
    known = [value for value in tops if value is not None]
    if not known:
        return ""
    lowest, length = min(known), max(known) - min(known)
    steps = len(characters) - 1
    return "".join(
        " " if top is None else characters[round((top - lowest) / length * steps) if length else 0]
        for top in tops
    )
