"""One chart as a page shows it: its picture, its legend, the same in words, numbers and a table."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli_analysis.drawn.slices import slice_edges_s, slice_extremes
from reli_analysis.report.svg.ground import clock
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.drawn.grid import TimeGrid, Trace
    from reli_analysis.report.svg.value_axis import ValueAxis


@dataclass(frozen=True)
class LegendEntry:
    """One line of a chart in words: its name, its look, and between what it lay.

    ``hovered`` is the number of the line whose value stands here while a moment is pointed at.
    """

    label: str
    values: str
    look: str
    hovered: int | None = None


@dataclass(frozen=True)
class Table:
    """The numbers of a chart by stretch of time."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Note:
    """A sentence below a chart: what a finding says of it."""

    word: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Chart:
    """A drawn chart; ``description`` says in a sentence what the picture shows.

    ``points`` is what the page's script shows of a moment that is pointed at.
    """

    id: str
    title: str
    axis: str
    legend: tuple[LegendEntry, ...]
    description: str
    svg: str
    points: dict[str, Any]
    table: Table | None = None
    notes: tuple[Note, ...] = ()


def between(low: float, high: float, unit: str) -> str:
    """``4 ms to 27 ms``, or the one value."""
    first, last = format_value(low, unit), format_value(high, unit)
    return first if first == last else f"{first} to {last}"


def line_points(label: str, trace: Trace, axis: ValueAxis, steps: int) -> dict[str, Any]:
    """A line's values in the axis's unit: ``mid`` by step; with ``at`` only those steps.

    ``lo`` and ``hi`` are there when a step holds more than one value.
    """
    told: dict[str, Any] = {"label": label}
    if len(trace.steps) != steps:
        told["at"] = trace.steps.tolist()
    told["mid"] = _short(trace.middles.tolist(), axis.divisor)
    if not trace.one_value:
        told["lo"] = _short(trace.lows.tolist(), axis.divisor)
        told["hi"] = _short(trace.highs.tolist(), axis.divisor)
    return told


def _short(values: Iterable[float], divisor: float) -> list[float]:
    """Four digits are more than a pointer can tell, and keep the page small."""
    return [_whole(float(f"{value / divisor:.4g}")) for value in values]


def _whole(value: float) -> float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def table(lines: Sequence[tuple[str, Trace]], unit: str, grid: TimeGrid) -> Table:
    """The lowest and the highest of each line in each of a few stretches of the run."""
    edges = slice_edges_s(grid)
    columns = [slice_extremes(trace, grid) for _, trace in lines]
    rows = []
    for at, (start_s, end_s) in enumerate(itertools.pairwise(edges)):
        cells = (column[at] for column in columns)
        told = ("–" if cell is None else between(*cell, unit) for cell in cells)
        rows.append((f"{clock(start_s, grid.end_s)} to {clock(end_s, grid.end_s)}", *told))
    return Table(("time", *(label for label, _ in lines)), tuple(rows))
