"""Shapes that several kinds of series share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leaks.draw import Draw
    from numpy.typing import NDArray

    Stretches = tuple[tuple[float, float], ...]


def warming(draw: Draw, slowest: float = 12.0) -> NDArray[np.float64]:
    """A fall from 0 that comes to rest within a few times 1/60 to 1/``slowest`` of the run."""
    depth = draw.base * draw.uniform(0.05, 0.9)
    return np.asarray(-depth * np.exp(-draw.share * draw.uniform(slowest, 60)))


def sawtooth(draw: Draw) -> NDArray[np.float64]:
    """A collector's: 12 to 150 teeth of 4 to 60 % of the base, more or less regular."""
    teeth, jitter = draw.log_uniform(12, 150), draw.uniform(0.0, 0.25)
    gaps = np.maximum(0.3, 1 + jitter * draw.source.standard_normal(int(2 * teeth) + 20)) / teeth
    edges = np.cumsum(gaps) - draw.uniform(0, 1) / teeth - gaps[0]
    at = np.searchsorted(edges, draw.share, side="right") - 1
    part = (draw.share - edges[at]) / gaps[at + 1]
    bend = draw.uniform(0.7, 1.4)
    return np.asarray(draw.base * draw.uniform(0.04, 0.6) * np.clip(part, 0, 1) ** bend)


def periodic_load(draw: Draw, fewest: float, most: float) -> NDArray[np.float64]:
    """Requests a second: a sine, or the same with a flat top, with a little noise."""
    phase = 2 * np.pi * (draw.share * draw.uniform(fewest, most) + draw.uniform(0, 1))
    wave = np.sin(phase)
    if draw.uniform(0, 1) < 0.3:
        wave = np.tanh(3 * wave)
    load = 1 + draw.uniform(0.2, 0.8) * wave
    rough = 1 + 0.02 * draw.source.standard_normal(len(load))
    return np.asarray(draw.log_uniform(5, 5000) * load * rough)


def following(
    draw: Draw, load: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """What is held for each request under way: a share of the base in proportion to the load."""
    return np.asarray(draw.base * draw.uniform(low, high) * load / load.mean())


def growing_with(load: NDArray[np.float64], hours: float) -> NDArray[np.float64]:
    """Hours of growth that follows something, scaled to the whole run's."""
    return np.asarray(np.cumsum(load) / load.sum() * hours)


def stretches(draw: Draw, count: int, shortest: float, longest: float) -> Stretches:
    """So many stretches of the run in seconds, none in its first twentieth."""
    wide = 0.95 / count
    found = []
    for at in range(count):
        length = draw.uniform(shortest, min(longest, 0.7 * wide))
        start = 0.05 + at * wide + draw.uniform(0, wide - length)
        found.append((start * draw.length_s, (start + length) * draw.length_s))
    return tuple(found)


def within(draw: Draw, parts: Stretches) -> NDArray[np.float64]:
    """1 inside any of them."""
    inside = np.zeros(len(draw.times_s))
    for start_s, end_s in parts:
        inside[(draw.times_s >= start_s) & (draw.times_s < end_s)] = 1.0
    return inside


def lives_from(draw: Draw, starts: NDArray[np.float64]) -> NDArray[np.int64]:
    """The number of the life at each moment, restarts given as shares of the run."""
    return np.asarray(np.searchsorted(starts, draw.share, side="right"), dtype=np.int64)


def since(draw: Draw, starts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds since the life began."""
    begun = np.concatenate([[0.0], starts])[lives_from(draw, starts)]
    return np.asarray((draw.share - begun) * draw.length_s)
