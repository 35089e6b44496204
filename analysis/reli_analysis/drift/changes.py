"""The shape of a series: its change points, and whether it changes steadily beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.drift.evidence import whitening
from reli_analysis.drift.locate import Moment, locate
from reli_analysis.drift.model import ChangePoint, Shape, Slope
from reli_analysis.drift.search import Search, Terms
from reli_analysis.drift.source import SampledSource, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = 72
"""Levels of a long series; fewer points than ``MOST_POINTS`` are levels themselves."""

MEMORY_OF_RUNS = 1.5
"""Runs are processes of their own: what one leaves to the next, such as a warm disk, fades soon."""

MOST_POINTS = 96
FEWEST_POINTS = 8
_WITHIN = 0.1


@dataclass(frozen=True)
class Levels:
    """Levels of cells in order of time: where each begins, and its width; arrays of one length.

    ``others`` (n, k) are columns that explain levels beside steps and slopes.
    """

    elapsed_s: NDArray[np.float64]
    values: NDArray[np.float64]
    width_s: float
    others: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def times(self) -> NDArray[np.float64]:
        """In widths from the first level on."""
        return np.asarray((self.elapsed_s - self.elapsed_s[0]) / self.width_s)

    @property
    def end_s(self) -> float:
        return float(self.elapsed_s[-1]) + self.width_s

    def where(self, kept: NDArray[np.bool_]) -> Levels:
        """Some of the levels."""
        return replace(
            self,
            elapsed_s=self.elapsed_s[kept],
            values=self.values[kept],
            others=self.others[kept],
        )


def change_points(
    elapsed_s: NDArray[np.float64],
    values: NDArray[np.float64],
    *,
    fewest: int = 3,
    independent: bool = False,
) -> tuple[ChangePoint, ...]:
    """The moments at which the level of a series changed for good, in order of time.

    ``elapsed_s`` ascends (seconds, or the indexes of runs); ``values`` of the same length may hold
    NaN, which is left out. ``fewest`` points, or cells of a long series, are the least that a level
    lasts. Fewer than 8 known values have no change points. See :func:`shape_of`.
    """
    return shape_of(elapsed_s, values, fewest=fewest, independent=independent).changes


def shape_of(
    elapsed_s: NDArray[np.float64],
    values: NDArray[np.float64],
    *,
    fewest: int = 3,
    independent: bool = False,
) -> Shape:
    """Change points and slope of a series.

    More than 96 points are first made into 72 levels (medians of equal stretches of time). Steps and
    a slope are added to a regression while the evidence for one, averaged over all places where it
    could be and over all laws of noise, is 20 to 1 (``drift.evidence``), two steps at once where one
    is not enough; each is moved to where it fits best, and left out when the others do without it.
    Then the time of each is found among the points themselves (``drift.locate``). Values that are
    ``independent`` of each other but for their neighbours, as those of runs are, need less evidence
    to be told from noise with memory: twenty show a step of five standard deviations, ten half of such.
    """
    known = np.isfinite(values)
    elapsed_s, values = elapsed_s[known].astype(np.float64), values[known].astype(np.float64)
    if len(values) < FEWEST_POINTS or float(elapsed_s[-1] - elapsed_s[0]) <= 0:
        return Shape()
    step_s = float(np.median(np.diff(elapsed_s)))
    if len(values) <= MOST_POINTS:
        step_s = step_s if step_s > 0 else float(elapsed_s[-1] - elapsed_s[0]) / len(values)
        direct = Levels(elapsed_s, values, step_s, np.empty((len(values), 0)))
        return shape_of_levels(direct, None, fewest, MEMORY_OF_RUNS if independent else np.inf)
    source = SampledSource.of(elapsed_s, values)
    return shape_of_levels(levels_of(source), source, fewest)


def levels_of(source: Source, cells: int = CELLS) -> Levels:
    """The levels of equal stretches of a source, without those of which too little is known."""
    intervals = max(1, round((source.end_s - source.start_s) / source.interval_s))
    width_s = max(1, intervals // cells) * source.interval_s
    count = max(1, int((source.end_s - source.start_s) / width_s + 1e-6))
    # What is left over is cut off at the beginning, where it is soonest out of date.
    borders_s = source.end_s - width_s * np.arange(count, -1, -1, dtype=np.float64)
    levels = source.levels(borders_s)
    known = np.isfinite(levels)
    return Levels(borders_s[:-1][known], levels[known], width_s, np.empty((int(known.sum()), 0)))


def shape_of_levels(
    levels: Levels, source: Source | None, fewest: int, longest_memory: float = np.inf
) -> Shape:
    """The same of levels; ``source`` tells the times of steps closer than the levels do."""
    if len(levels) < FEWEST_POINTS or np.ptp(levels.values) <= 0:
        return Shape()
    shape = _shape_once(levels, source, fewest, longest_memory)
    whole = ~_straddling(levels, shape)
    if source is None or whole.all():
        return shape
    # A cell with a step within is at neither level, and would look like one more.
    return _shape_once(levels.where(whole), source, fewest, longest_memory)


def _shape_once(levels: Levels, source: Source | None, fewest: int, longest_memory: float) -> Shape:
    times = levels.times
    laws = whitening(times, longest_memory)
    search = Search(laws, times, levels.values, levels.others, fewest)
    terms = search.best()
    return Shape(_changes(levels, search, terms, source), _slope(levels, search, terms))


def _straddling(levels: Levels, shape: Shape) -> NDArray[np.bool_]:
    """Which cells have one of the steps well within them."""
    inner_s = _WITHIN * levels.width_s
    found = np.zeros(len(levels), dtype=bool)
    for change in shape.changes:
        began_s = change.at_s - levels.elapsed_s
        found |= (began_s > inner_s) & (began_s < levels.width_s - inner_s)
    return found


def _changes(
    levels: Levels, search: Search, terms: Terms, source: Source | None
) -> tuple[ChangePoint, ...]:
    design = search.design(terms)
    fitted = design @ np.linalg.lstsq(design, levels.values, rcond=None)[0]
    found = []
    for step in terms.steps:
        place = search.place(replace(terms, steps=tuple(s for s in terms.steps if s != step)))
        assert place is not None, "there was room for it"
        low, high = (float(levels.elapsed_s[at]) for at in place.interval)
        moment = Moment(float(levels.elapsed_s[step]), low, high)
        if source is not None:
            moment = locate(source, moment, levels.width_s, _room(levels, terms, step))
        found.append(
            ChangePoint(
                *moment,
                before=float(fitted[step - 1]),
                after=float(fitted[step]),
                probability=1.0 / (1.0 + math.exp(-min(place.log_evidence, 700.0))),
            )
        )
    return tuple(found)


def _room(levels: Levels, terms: Terms, step: int) -> tuple[float, float]:
    """From the step before to the step after, or the ends of the series."""
    earlier = [s for s in terms.steps if s < step]
    later = [s for s in terms.steps if s > step]
    start_s = float(levels.elapsed_s[earlier[-1]]) if earlier else float(levels.elapsed_s[0])
    return start_s, float(levels.elapsed_s[later[0]]) if later else levels.end_s


def _slope(levels: Levels, search: Search, terms: Terms) -> Slope | None:
    if terms.slope is None:
        return None
    # The column climbs from 0 to its last value over the rest of the series.
    column = search.column_of_slope(terms.slope)
    climbs_s = float(levels.elapsed_s[-1] - levels.elapsed_s[terms.slope])
    posterior = whitening(levels.times).fit(search.design(terms), levels.values)
    per_s = float(column[-1]) / climbs_s
    low, high = posterior.interval
    evidence = search.slope_evidence(terms)
    return Slope(
        float(levels.elapsed_s[terms.slope]),
        posterior.estimate * per_s,
        low * per_s,
        high * per_s,
        1.0 / (1.0 + math.exp(-min(evidence, 700.0))),
    )
