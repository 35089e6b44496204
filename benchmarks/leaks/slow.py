"""Growth that will end, as far as a run of this length can show: INCONCLUSIVE is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from leaks import shapes

if TYPE_CHECKING:
    from leaks.draw import Draw
    from leaks.labelled import Labelled


def slow_warm_up(draw: Draw) -> Labelled:
    part = draw.uniform(0.2, 1.0)
    return draw.slow(draw.base * (1 - draw.uniform(0.1, 0.9) * np.exp(-draw.share / part)))


def slow_warm_up_under_load(draw: Draw) -> Labelled:
    """The load goes up and down meanwhile, and holds something."""
    load = shapes.periodic_load(draw, 1.2, 10)
    held, part = shapes.following(draw, load, 0.02, 0.2), draw.uniform(0.2, 1.0)
    warming = draw.base * draw.uniform(0.1, 0.9) * np.exp(-draw.share / part)
    return draw.slow(draw.base + held - warming, load=load)


def logarithm(draw: Draw) -> Labelled:
    grown = draw.uniform(0.02, 0.15) * np.log1p(draw.share / draw.log_uniform(0.001, 0.05))
    return draw.slow(draw.base * (1 + grown))


def two_warm_ups(draw: Draw) -> Labelled:
    """One ends at once, the other hardly within the run."""
    fast = draw.uniform(0.05, 0.5) * np.exp(-draw.share * draw.uniform(15, 60))
    gentle = draw.uniform(0.05, 0.5) * np.exp(-draw.share / draw.uniform(0.2, 0.7))
    return draw.slow(draw.base * (1 - fast - gentle))


def cache_that_fills_late(draw: Draw) -> Labelled:
    """It comes to its cap when most of the run is over."""
    filled = np.minimum(draw.share / draw.uniform(0.45, 0.85), 1.0)
    return draw.slow(draw.base * (1 + draw.uniform(0.1, 0.6) * filled))


def load_ramp(draw: Draw) -> Labelled:
    load = draw.log_uniform(5, 5000) * (draw.uniform(0.1, 0.5) + draw.uniform(0.5, 1) * draw.share)
    return draw.slow(draw.base + shapes.following(draw, load, 0.1, 0.5), load=load)


KINDS = (
    slow_warm_up,
    slow_warm_up_under_load,
    logarithm,
    two_warm_ups,
    cache_that_fills_late,
    load_ramp,
)
