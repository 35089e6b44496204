"""Areas between two lines that lie behind a chart's own lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.report.svg.shapes import band, heights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.report.svg.frame import Frame


@dataclass(frozen=True)
class Band:
    """From ``low`` to ``high`` in each of ``columns`` equal parts of the time; NaN leaves it open."""

    columns: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def band_inside(one: Band, frame: Frame) -> str:
    x = np.asarray((np.arange(one.columns) + 0.5) * (2 * frame.grid.steps / one.columns))
    area = band(x, one.low, one.high, heights(frame.axis, frame.height_px))
    return f'<path class="quantile-band" d="{area}"/>'
