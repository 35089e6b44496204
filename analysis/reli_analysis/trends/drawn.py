"""The line that was fitted, for a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.window import Window

_PLACES = 24


def fitted_line(
    window: Window, clock: NDArray[np.float64]
) -> tuple[tuple[float, float, float, float], ...]:
    """Time, estimate and the ends of its 95 % interval, at up to 24 of the window's levels.

    ``clock`` is what growth follows, at each level. The height at a level is the intercept of a
    regression whose clock is 0 there; what else moves the levels is held at its mean.
    """
    part = window.prepared
    others = part.others - part.others.mean(axis=0)
    heights = []
    for at in np.unique(np.linspace(0, len(part) - 1, _PLACES).round().astype(int)).tolist():
        own = (part.segments == part.segments[at])[:, None]
        rest = [part.segments == s for s in np.unique(part.segments) if s != part.segments[at]]
        columns = [*(one[:, None] for one in rest), others, (clock - clock[at])[:, None], own]
        height = window.laws.fit(np.concatenate(columns, axis=1, dtype=float), part.floors.levels)
        heights.append((float(part.floors.elapsed_s[at]), height.estimate, *height.interval))
    return tuple(heights)
