"""One line of a comparison: a metric of everything, or of one endpoint, with what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.compare.metrics import OVERALL, Metric

if TYPE_CHECKING:
    from reli_analysis.compare.effect import Effect
    from reli_analysis.compare.outcome import Outcome


@dataclass(frozen=True)
class Row:
    """What was found of one metric.

    ``endpoint`` is ``metrics.OVERALL`` for all requests and for the target. ``effect`` is ``None``
    where there was nothing to compute with. ``floor`` and ``sees`` (the smallest change that would
    have been called) are on the effect's scale, like its estimate. ``of_each`` is how many runs of
    each side would decide an INCONCLUSIVE row; ``None`` when repeats are not what is missing, or
    more than 100 are.
    """

    endpoint: str
    metric: Metric
    outcome: Outcome
    message: str
    effect: Effect | None = None
    q_value: float | None = None
    floor: float = 0.0
    sees: float = 0.0
    of_each: int | None = None

    @property
    def name(self) -> str:
        """``p95``, or ``p95 of GET /cart``."""
        return self.metric.label + (f" of {self.endpoint}" if self.endpoint != OVERALL else "")
