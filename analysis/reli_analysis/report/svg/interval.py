"""One number with its interval against a limit, as a row that compares with the rows around it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup, escape

from reli_analysis.report.svg.shapes import percent

_HEIGHT_PX = 22
_MIDDLE = _HEIGHT_PX // 2


@dataclass(frozen=True)
class Scale:
    """The same for all rows: from ``lowest`` to ``highest``, with the line that decides at ``line``.

    With ``bad_above`` what lies right of the line is shaded as past it.
    """

    lowest: float
    highest: float
    line: float = 0.0
    bad_above: bool = True

    def share(self, value: float) -> float:
        return min(1.0, max(0.0, (value - self.lowest) / (self.highest - self.lowest)))


def interval_bar(  # noqa: PLR0913 -- each is one mark of the row
    scale: Scale,
    observed: float,
    low: float | None = None,
    high: float | None = None,
    *,
    description: str,
    tone: str = "",
    first: float | None = None,
) -> Markup:
    """A dot for what was observed, a whisker from ``low`` to ``high``, a line for the limit.

    ``tone`` is a class that colours the dot: PASS, WARN, FAIL, INCONCLUSIVE, REGRESSED, IMPROVED.
    ``first`` draws a second, weaker line. What lies off the scale is an arrow at its edge.
    """
    line = percent(scale.share(scale.line))
    past = percent(1 - scale.share(scale.line))
    parts = [f'<line class="rail" x2="100%" y1="{_MIDDLE}" y2="{_MIDDLE}"/>']
    if scale.bad_above:
        parts.insert(0, f'<rect class="past" x="{line}" width="{past}" height="100%"/>')
    parts.append(f'<line class="limit" x1="{line}" x2="{line}" y2="100%"/>')
    if first is not None and scale.lowest <= first <= scale.highest:
        x = percent(scale.share(first))
        parts.append(f'<line class="limit first" x1="{x}" x2="{x}" y2="100%"/>')
    if low is not None and high is not None:
        parts += _whisker(scale, low, high)
    parts.append(_dot(scale, observed))
    label = escape(description)
    return Markup(  # noqa: S704 -- made of numbers, and the description is escaped
        f'<svg class="interval {escape(tone)}" height="{_HEIGHT_PX}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>'
    )


def _whisker(scale: Scale, low: float, high: float) -> list[str]:
    left, right = percent(scale.share(low)), percent(scale.share(high))
    parts = [f'<line class="whisker" x1="{left}" x2="{right}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>']
    for value, x in ((low, left), (high, right)):
        if math.isfinite(value) and scale.lowest <= value <= scale.highest:
            parts.append(
                f'<line class="whisker" x1="{x}" x2="{x}" y1="{_MIDDLE - 4}" y2="{_MIDDLE + 4}"/>'
            )
    return parts


def _dot(scale: Scale, observed: float) -> str:
    if observed < scale.lowest:
        return f'<path class="dot" d="M8 {_MIDDLE - 5}L0 {_MIDDLE}L8 {_MIDDLE + 5}Z"/>'
    if observed > scale.highest:
        arrow = f'<path class="dot" d="M-8 {_MIDDLE - 5}L0 {_MIDDLE}L-8 {_MIDDLE + 5}Z"/>'
        return f'<svg x="100%" overflow="visible">{arrow}</svg>'
    return f'<circle class="dot" cx="{percent(scale.share(observed))}" cy="{_MIDDLE}" r="4.5"/>'
