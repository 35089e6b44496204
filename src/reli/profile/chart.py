"""The load over time as a chart of block characters for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.plan import level_in
from reli.profile.levels import ITERATIONS
from reli.profile.stages import format_rate
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.plan import Plan

BLOCKS = " ▁▂▃▄▅▆▇█"
PLAIN = " .#"
_ROWS = 6
_NARROWEST, _WIDEST = 20, 110


def draw(plan: Plan, width: int, characters: str = BLOCKS) -> list[str]:
    """Lines at most ``width`` wide (but never narrower than a readable chart).

    Each column shows the highest level of its slice of time, so that no burst is lost between
    two columns. ``characters`` runs from an empty cell to a full one.
    """
    peak = plan.peak_level
    labels = _level_labels(plan, peak)
    gutter = max(len(label) for label in labels)
    columns = min(max(width - gutter - 2, _NARROWEST), _WIDEST)
    heights = [level / peak * _ROWS for level in _highest(plan, columns)]
    lines = []
    for row, label in enumerate(labels):
        floor = _ROWS - 1 - row
        cells = "".join(_cell(height - floor, characters) for height in heights)
        lines.append(f"{label:>{gutter}} |{cells.rstrip()}")
    lines.append(f"{'0':>{gutter}} +{'-' * columns}")
    lines.append(" " * (gutter + 2) + _time_labels(plan.total_s, columns))
    return lines


def _cell(height: float, characters: str) -> str:
    full = len(characters) - 1
    share = min(max(height, 0.0), 1.0)
    # Any load at all is visible; rounding must not hide a low one.
    return characters[max(round(share * full), 1 if share > 0.001 else 0)]


def _highest(plan: Plan, columns: int) -> list[float]:
    """The highest level within each of some equal slices of the plan's time."""
    slice_s = plan.total_s / columns
    highest = [0.0] * columns
    for span in plan.spans:
        first = min(int(span.start_s / slice_s), columns - 1)
        last = min(int(span.end_s / slice_s), columns - 1)
        for column in range(first, last + 1):
            start = max(span.start_s, column * slice_s)
            end = min(span.end_s, (column + 1) * slice_s)
            if end > start:
                top = max(level_in(span, start), level_in(span, end))
                highest[column] = max(highest[column], top)
    return highest


def _level_labels(plan: Plan, peak: float) -> list[str]:
    def label(level: float) -> str:
        return format_rate(level) if plan.load_unit == ITERATIONS else f"{level:,.6g}"

    half = _ROWS // 2
    return [
        label(peak) if row == 0 else label(peak / 2) if row == half else "" for row in range(_ROWS)
    ]


def _time_labels(total_s: float, columns: int) -> str:
    """Times below the axis: the start, the middle where there is room, the end."""
    start, middle, end = "0", format_duration(total_s / 2), format_duration(total_s)
    line = list(" " * columns)
    _put(line, 0, start)
    if columns >= len(start) + len(middle) + len(end) + 8:
        _put(line, columns // 2 - len(middle) // 2, middle)
    _put(line, columns - len(end), end)
    return "".join(line)


def _put(line: list[str], at: int, text: Sequence[str]) -> None:
    line[at : at + len(text)] = text
