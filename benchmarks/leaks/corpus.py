"""The labelled corpus: kinds of series, each drawn by a seed, in two halves."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from leaks import clean, leaky, slow
from leaks.draw import draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leaks.draw import Draw
    from leaks.labelled import Labelled

HALVES = ("tune", "test")
"""What the pipeline was tuned on, and what it is tested on; no series is in both."""

KINDS: dict[str, Callable[[Draw], Labelled]] = {
    f"{group.__name__.rpartition('.')[2]}: {make.__name__.replace('_', ' ')}": make
    for group in (clean, slow, leaky)
    for make in group.KINDS
}


def series(kind: str, half: str, seed: int) -> Labelled:
    """The same for the same arguments, on any machine."""
    source = np.random.default_rng([zlib.crc32(kind.encode()), HALVES.index(half), seed])
    return replace(KINDS[kind](draw(source)), kind=kind)


def all_series(half: str, seeds: range, kinds: list[str] | None = None) -> Iterator[Labelled]:
    """Every kind under every seed."""
    for kind in kinds or KINDS:
        for seed in seeds:
            yield series(kind, half, seed)
