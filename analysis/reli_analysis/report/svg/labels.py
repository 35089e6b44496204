"""Names at the right ends of lines, so that nobody has to tell lines by their colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import escape

from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.report.svg.frame import Frame

_APART_PX = 12
_LONGEST = 14


def end_labels(ends: Sequence[tuple[str, str, float]], frame: Frame) -> str:
    """A label a line (name, colour's class, last value), moved apart where they would touch."""
    wanted = sorted(
        ((1 - frame.axis.height(value)) * frame.height_px, name, color)
        for name, color, value in ends
    )
    lowest_px, parts = 0.0, []
    free = frame.height_px - _APART_PX * (len(wanted) - 1)
    for at, (y, name, color) in enumerate(wanted):
        y_px = max(lowest_px, min(y, free + at * _APART_PX))
        lowest_px = y_px + _APART_PX
        text = escape(shorten(one_line(name), _LONGEST))
        parts.append(
            f'<text class="end {color}" x="100%" dx="6" dy=".35em" y="{y_px:.1f}">{text}</text>'
        )
    return "".join(parts)
