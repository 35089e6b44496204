"""Fitted trends and change points as they lie upon a chart of their quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from markupsafe import escape

from reli_analysis.report.svg.shapes import band, dots, heights, percent, polyline, x_of
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from reli_analysis.drawn.evidence import Change, Fit
    from reli_analysis.report.svg.frame import Frame

_NAMED_FROM = 0.06
"""Share of the width from which a stretch that was left out has room for its name."""


def fit_inside(fit: Fit, frame: Frame) -> str:
    """The levels that were judged, and the fitted line with its band; no line across a gap."""
    y_of, grid = heights(frame.axis, frame.height_px), frame.grid
    area, drawn = "", ""
    for stretch in _stretches(fit):
        x = x_of(grid, stretch[:, 0])
        area += band(x, stretch[:, 2], stretch[:, 3], y_of)
        drawn += polyline(_points(x, stretch[:, 1], y_of))
    levels = dots(_points(x_of(grid, fit.points[:, 0]), fit.points[:, 1], y_of))
    return (
        f'<path class="fit-band" d="{area}"/><path class="fit-level" d="{levels}"/>'
        f'<path class="fit-line" d="{drawn}"/>'
    )


def _stretches(fit: Fit) -> list[NDArray[np.float64]]:
    """The fitted line cut where something was left out between two of its points."""
    moments_s = fit.line[:, 0]
    cuts = {int(np.searchsorted(moments_s, (p.from_s + p.to_s) / 2)) for p in fit.left_out}
    return [part for part in np.split(fit.line, sorted(cuts)) if len(part)]


def _points(
    x: NDArray[np.float64], values: NDArray[np.float64], y_of: Callable[[float], int]
) -> list[tuple[float, float]]:
    pairs = zip(x.tolist(), values.tolist(), strict=True)
    return [(at, y_of(value)) for at, value in pairs]


def fit_over(fit: Fit, frame: Frame) -> str:
    """What was left out, shaded and named, and where the growth began."""
    parts = []
    for part in fit.left_out:
        left, right = frame.grid.share(part.from_s), frame.grid.share(part.to_s)
        if right <= left:
            continue
        parts.append(
            f'<rect class="left-out" x="{percent(left)}" width="{percent(right - left)}" '
            'height="100%"/>'
        )
        if right - left >= _NAMED_FROM:
            parts.append(
                f'<text class="left-out" x="{percent(left)}" dx="4" y="{frame.height_px - 5}">'
                f"{escape(one_line(part.why))}</text>"
            )
    if fit.began_s is not None:
        x = percent(frame.grid.share(fit.began_s))
        parts.append(
            f'<line class="began" x1="{x}" x2="{x}" y2="100%"/>'
            f'<text class="began" x="{x}" dx="4" y="11">growth begins</text>'
        )
    return "".join(parts)


def change_over(changes: Iterable[Change], frame: Frame) -> str:
    """A line at each change point, and the stretch in which it lies shaded."""
    parts = []
    for change in changes:
        left, right = frame.grid.share(change.low_s), frame.grid.share(change.high_s)
        x = percent(frame.grid.share(change.at_s))
        parts.append(
            f'<rect class="change" x="{percent(left)}" width="{percent(max(0.0, right - left))}" '
            f'height="100%"/><line class="change" x1="{x}" x2="{x}" y2="100%"/>'
        )
    return "".join(parts)


def extent(fit: Fit) -> tuple[float, float]:
    """The lowest and the highest of what a fit draws, its band aside."""
    values = np.concatenate([fit.points[:, 1], fit.line[:, 1]])
    return float(values.min()), float(values.max())
