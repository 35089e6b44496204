"""Kinds of series that do not leak, however they look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from leaks import shapes

if TYPE_CHECKING:
    from leaks.draw import Draw
    from leaks.labelled import Labelled
    from numpy.typing import NDArray


def flat(draw: Draw) -> Labelled:
    return draw.clean(_level(draw))


def falling(draw: Draw) -> Labelled:
    """Something is given back all the time; that is no leak."""
    fall = draw.base * draw.uniform(0.02, 0.4)
    return replace(draw.clean(_level(draw) - fall * draw.share), rate_per_h=-fall / draw.hours)


def bounded_walk(draw: Draw) -> Labelled:
    memory_s = draw.length_s / draw.log_uniform(8, 60)
    return draw.quieter(0.5).wandering(2 * draw.sd, memory_s).clean(_level(draw))


def warm_up(draw: Draw) -> Labelled:
    return draw.clean(draw.base + shapes.warming(draw))


def cache_to_its_cap(draw: Draw) -> Labelled:
    filled = np.minimum(draw.share / draw.uniform(0.05, 0.4), 1.0)
    return draw.clean(draw.base * (1 + draw.uniform(0.1, 1.0) * filled))


def sawtooth(draw: Draw) -> Labelled:
    return draw.clean(draw.base + shapes.sawtooth(draw))


def sawtooth_with_warm_up(draw: Draw) -> Labelled:
    return draw.clean(draw.base + shapes.sawtooth(draw) + shapes.warming(draw))


def arenas(draw: Draw) -> Labelled:
    """Steps up and down at random: what an allocator takes and gives back."""
    count = int(draw.source.integers(4, 25))
    edges = np.sort(draw.source.uniform(0, 1, count))
    heights = draw.source.uniform(-1, 1, count + 1) * draw.log_uniform(0.005, 0.05)
    return draw.quieter(0.5).clean(draw.base * (1 + heights[np.searchsorted(edges, draw.share)]))


def one_step_up(draw: Draw) -> Labelled:
    step = draw.base * draw.log_uniform(0.02, 0.6)
    return draw.clean(_level(draw) + step * (draw.share > draw.uniform(0.1, 0.8)))


def one_step_down(draw: Draw) -> Labelled:
    step = draw.base * draw.log_uniform(0.02, 0.5)
    return draw.clean(_level(draw) - step * (draw.share > draw.uniform(0.1, 0.8)))


def periodic_load(draw: Draw) -> Labelled:
    load = shapes.periodic_load(draw, 1.2, 12)
    return draw.clean(draw.base + shapes.following(draw, load, 0.02, 0.3), load=load)


def periodic_load_not_recorded(draw: Draw) -> Labelled:
    load = shapes.periodic_load(draw, 2.5, 16)
    return draw.clean(draw.base + shapes.following(draw, load, 0.01, 0.12))


def pulses(draw: Draw) -> Labelled:
    count = int(draw.source.integers(2, 9))
    inside = shapes.within(draw, shapes.stretches(draw, count, 0.003, 0.05))
    return draw.clean(draw.base * (1 + draw.uniform(0.04, 0.6) * inside))


def descriptors(draw: Draw) -> Labelled:
    few = draw.counts()
    return few.clean(_level(few), whole=True)


def threads(draw: Draw) -> Labelled:
    """A pool that grows by a few to its size, and then hardly moves."""
    few = draw.counts().quieter(draw.uniform(0.0, 0.3) + 1e-3)
    filled = np.minimum(few.share / few.uniform(0.01, 0.2), 1.0)
    return few.clean(few.base * (0.5 + 0.5 * filled), whole=True)


def restarts(draw: Draw) -> Labelled:
    starts = np.sort(draw.source.uniform(0.1, 0.9, int(draw.source.integers(1, 5))))
    faster = draw.uniform(20, 80) / draw.length_s
    warm = -draw.base * draw.uniform(0.02, 0.4) * np.exp(-shapes.since(draw, starts) * faster)
    lives = shapes.lives_from(draw, starts)
    own = draw.base * 0.03 * draw.source.standard_normal(len(starts) + 1)[lives]
    return draw.clean(draw.base + warm + own, lives=lives)


def faults_that_pass(draw: Draw) -> Labelled:
    faults = shapes.stretches(draw, int(draw.source.integers(3, 9)), 0.01, 0.05)
    high = draw.base * draw.uniform(0.04, 0.5) * shapes.within(draw, faults)
    return draw.clean(draw.base + high, faults=faults)


def gaps(draw: Draw) -> Labelled:
    return draw.clean(_level(draw), kept=with_gaps(draw))


def irregular_sampling(draw: Draw) -> Labelled:
    return draw.clean(_level(draw), kept=irregular(draw))


def coarse_steps(draw: Draw) -> Labelled:
    """A counter that is rounded, by up to eight times the noise."""
    made = draw.clean(_level(draw))
    coarse = draw.sd * draw.log_uniform(1, 8)
    rounded = np.round(made.observed.values / coarse) * coarse
    return replace(made, observed=replace(made.observed, values=rounded))


def glitches(draw: Draw) -> Labelled:
    """Single reads that failed or that were wild."""
    made = draw.clean(_level(draw))
    values, count = made.observed.values.copy(), int(draw.source.integers(1, 10))
    at = draw.source.integers(0, len(values), count)
    values[at] *= draw.source.choice([0.0, 0.01, 1.8, np.nan], count)
    return replace(made, observed=replace(made.observed, values=values))


def with_gaps(draw: Draw) -> NDArray[np.bool_]:
    """Some samples are missing here and there, and one to three whole stretches."""
    kept = draw.source.uniform(size=len(draw.times_s)) < draw.uniform(0.3, 0.95)
    missing = shapes.stretches(draw, int(draw.source.integers(1, 4)), 0.02, 0.2)
    return np.asarray(kept & (shapes.within(draw, missing) == 0))


def irregular(draw: Draw) -> NDArray[np.bool_]:
    """Samples come more and less often, by up to a factor of twenty."""
    often = np.exp(np.sin(2 * np.pi * (draw.share * draw.uniform(0.5, 4) + draw.uniform(0, 1))))
    return np.asarray(draw.source.uniform(size=len(often)) < 0.3 * often**1.2)


def _level(draw: Draw) -> NDArray[np.float64]:
    return np.full(len(draw.times_s), draw.base)


KINDS = (
    flat, falling, bounded_walk, warm_up, cache_to_its_cap, sawtooth, sawtooth_with_warm_up, arenas,
    one_step_up, one_step_down, periodic_load, periodic_load_not_recorded, pulses, descriptors,
    threads, restarts, faults_that_pass, gaps, irregular_sampling, coarse_steps, glitches,
)  # fmt: skip
