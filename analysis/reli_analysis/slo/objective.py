"""The error budget of an objective: how many failures it allows, and how many there were."""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400.0
PERIOD_S = 30 * DAY_S
"""What objectives are usually stated for, and the workbook's burn rates rest on."""


@dataclass(frozen=True)
class Spent:
    """Of the error budget of this run's own requests.

    ``allowed`` = requests (1 - objective) failures; ``used_ratio`` of them happened, ``left_ratio``
    is the rest, negative when it is overspent. ``burn_rate`` is the error ratio by the one that the
    objective allows: at 1 the budget lasts exactly for its period. ``lasts_s`` is how long the budget
    of ``PERIOD_S`` would last at this rate, ``None`` when it would for ever.
    """

    objective: float
    requests: int
    failures: int
    allowed: float
    used_ratio: float
    left_ratio: float
    burn_rate: float
    lasts_s: float | None


def spent(objective: float, requests: int, failures: int) -> Spent:
    """What a run of so many requests used; the objective lies below 1, and requests above 0."""
    allowed = requests * (1 - objective)
    used = failures / allowed
    return Spent(
        objective=objective,
        requests=requests,
        failures=failures,
        allowed=allowed,
        used_ratio=used,
        left_ratio=1 - used,
        burn_rate=used,
        lasts_s=PERIOD_S / used if failures else None,
    )
