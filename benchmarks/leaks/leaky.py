"""Kinds of series that leak, however they hide it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from leaks import clean, shapes

if TYPE_CHECKING:
    from leaks.draw import Draw
    from leaks.labelled import Labelled
    from numpy.typing import NDArray


def linear(draw: Draw) -> Labelled:
    return draw.leaky(_level(draw), draw.rate_per_h())


def under_a_sawtooth(draw: Draw) -> Labelled:
    return draw.leaky(draw.base + shapes.sawtooth(draw), draw.rate_per_h())


def after_a_warm_up(draw: Draw) -> Labelled:
    return draw.leaky(draw.base + shapes.warming(draw), draw.rate_per_h())


def staircase(draw: Draw) -> Labelled:
    rate, count = draw.rate_per_h(), int(draw.source.integers(8, 50))
    steps = np.floor(draw.share * count + draw.uniform(0, 1)) / count
    return draw.quieter(0.5).leaky(_level(draw), rate, steps * draw.hours)


def random_staircase(draw: Draw) -> Labelled:
    """Steps at random moments; the truth is what did leak."""
    count = int(draw.source.integers(12, 60))
    edges = np.sort(draw.source.uniform(0, 1, count))
    steps = np.searchsorted(edges, draw.share) / count
    return draw.quieter(0.5).leaky(_level(draw), draw.rate_per_h(), steps * draw.hours)


def begins_in_mid_run(draw: Draw) -> Labelled:
    began_s = draw.uniform(0.15, 0.65) * draw.length_s
    grown_h = np.maximum(draw.times_s - began_s, 0.0) / 3600
    return draw.leaky(_level(draw), draw.rate_per_h(2.2, 15), grown_h, began_s=began_s)


def follows_the_requests(draw: Draw) -> Labelled:
    load = shapes.periodic_load(draw, 0.8, 8)
    grown_h = shapes.growing_with(load, draw.hours)
    return draw.leaky(_level(draw), draw.rate_per_h(), grown_h, load=load, clock="requests")


def requests_and_load(draw: Draw) -> Labelled:
    """Each request leaks a little, and holds something while it is under way."""
    load = shapes.periodic_load(draw, 1.2, 8)
    held = shapes.following(draw, load, 0.02, 0.15)
    grown_h = shapes.growing_with(load, draw.hours)
    rate = draw.rate_per_h(2, 10)
    return draw.leaky(draw.base + held, rate, grown_h, load=load, clock="requests")


def only_in_faults(draw: Draw) -> Labelled:
    faults = shapes.stretches(draw, int(draw.source.integers(5, 11)), 0.015, 0.05)
    grown_h = shapes.growing_with(shapes.within(draw, faults), draw.hours)
    rate = draw.rate_per_h(2.2, 12)
    return draw.leaky(_level(draw), rate, grown_h, faults=faults, clock="faults")


def under_a_falling_cache(draw: Draw) -> Labelled:
    falls = np.exp(-draw.share / draw.uniform(0.04, 0.16))
    level = draw.base * (1 + draw.uniform(0.05, 0.4) * falls)
    return draw.leaky(level, draw.rate_per_h(2.2, 15))


def descriptors_one_in_n(draw: Draw) -> Labelled:
    few = draw.counts()
    each = _poisson(few, few.rate_per_h())
    return few.leaky(_level(few), float(each[-1]) / few.hours, each / max(each[-1], 1) * few.hours,
                     whole=True, one_by_one=1.0)  # fmt: skip


def descriptors_reset_once(draw: Draw) -> Labelled:
    """The truth is what did leak, before and after."""
    few = draw.counts()
    leaked, at = _poisson(few, few.rate_per_h(3, 20)), few.uniform(0.2, 0.5)
    rate = max(float(leaked[-1]), 1.0) / few.hours
    cut = int(np.searchsorted(few.share, at))
    leaked[cut:] -= leaked[cut]
    return few.leaky(_level(few), rate, leaked / rate, whole=True, one_by_one=1.0)


def with_a_restart(draw: Draw) -> Labelled:
    starts = np.sort(draw.source.uniform(0.25, 0.7, int(draw.source.integers(1, 3))))
    rate = draw.rate_per_h(3, 20)
    lives, grown_h = shapes.lives_from(draw, starts), shapes.since(draw, starts) / 3600
    return draw.leaky(_level(draw), rate, grown_h, lives=lives)


def in_the_last_life_only(draw: Draw) -> Labelled:
    starts = np.array([draw.uniform(0.4, 0.78)])
    lives = shapes.lives_from(draw, starts)
    grown_h = np.where(lives == 1, shapes.since(draw, starts) / 3600, 0.0)
    began_s = float(starts[0]) * draw.length_s
    return draw.leaky(_level(draw), draw.rate_per_h(6, 40), grown_h, lives=lives, began_s=began_s)


def under_periodic_load(draw: Draw) -> Labelled:
    load = shapes.periodic_load(draw, 1.2, 10)
    held = shapes.following(draw, load, 0.02, 0.25)
    return draw.leaky(draw.base + held, draw.rate_per_h(2, 12), load=load)


def periodic_load_unknown(draw: Draw) -> Labelled:
    load = shapes.periodic_load(draw, 2.5, 16)
    return draw.leaky(draw.base + shapes.following(draw, load, 0.01, 0.1), draw.rate_per_h(3, 15))


def doubling_container(draw: Draw) -> Labelled:
    """A list that keeps everything: memory doubles with what it can hold."""
    first = draw.uniform(0.012, 0.05)
    filled = (first + draw.share) / first
    capacity = first * 2.0 ** np.ceil(np.log2(filled))
    return draw.quieter(0.6).leaky(_level(draw), draw.rate_per_h(3, 20), capacity * draw.hours)


def with_gaps(draw: Draw) -> Labelled:
    return draw.leaky(_level(draw), draw.rate_per_h(), kept=clean.with_gaps(draw))


def sampled_irregularly(draw: Draw) -> Labelled:
    return draw.leaky(_level(draw), draw.rate_per_h(), kept=clean.irregular(draw))


def under_pulses(draw: Draw) -> Labelled:
    count = int(draw.source.integers(2, 9))
    inside = shapes.within(draw, shapes.stretches(draw, count, 0.003, 0.05))
    return draw.leaky(draw.base * (1 + draw.uniform(0.04, 0.5) * inside), draw.rate_per_h())


def under_a_bounded_walk(draw: Draw) -> Labelled:
    walking = draw.quieter(0.5).wandering(draw.sd, draw.length_s / draw.log_uniform(20, 80))
    return walking.leaky(_level(draw), draw.rate_per_h(2, 15))


def coarse_steps(draw: Draw) -> Labelled:
    """A leak in a counter that is rounded."""
    rate = draw.rate_per_h(2, 12)
    made = draw.leaky(_level(draw), rate)
    coarse = rate * draw.hours / draw.uniform(6, 40)
    rounded = np.round(made.observed.values / coarse) * coarse
    return replace(made, observed=replace(made.observed, values=rounded))


def _level(draw: Draw) -> NDArray[np.float64]:
    return np.full(len(draw.times_s), draw.base)


def _poisson(draw: Draw, rate_per_h: float) -> NDArray[np.float64]:
    """Leaked so far, one by one at random."""
    count = len(draw.times_s)
    leaked = draw.source.poisson(rate_per_h * draw.hours / count, count)
    return np.cumsum(leaked).astype(np.float64)


KINDS = (
    linear, under_a_sawtooth, after_a_warm_up, staircase, random_staircase, begins_in_mid_run,
    follows_the_requests, requests_and_load, only_in_faults, under_a_falling_cache,
    descriptors_one_in_n, descriptors_reset_once, with_a_restart, in_the_last_life_only,
    under_periodic_load, periodic_load_unknown, doubling_container, with_gaps, sampled_irregularly,
    under_pulses, under_a_bounded_walk, coarse_steps,
)  # fmt: skip
