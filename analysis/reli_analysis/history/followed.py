"""Which levels are followed, which way is worse, and which changes matter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reli_analysis.errors import InputError
from reli_analysis.units import parse_quantity


@dataclass(frozen=True)
class Followed:
    """One level of runs; ``worse`` is 1 when more is worse and -1 when less is.

    A change over the history counts when it exceeds ``relative_floor`` of the level and
    ``absolute_floor`` in ``unit``.
    """

    name: str
    label: str
    unit: str
    worse: int
    absolute_floor: float
    relative_floor: float = 0.1

    @property
    def is_share(self) -> bool:
        """Whether it is followed by difference: a share may well be 0."""
        return self.unit == "ratio"


FOLLOWED = (
    Followed("p50_ms", "p50", "ms", 1, 0.05),
    Followed("p95_ms", "p95", "ms", 1, 0.05),
    Followed("p99_ms", "p99", "ms", 1, 0.1),
    Followed("throughput_per_s", "throughput", "1/s", -1, 0.1),
    Followed("error_ratio", "error ratio", "ratio", 1, 0.002),
    Followed("rss_bytes", "RSS", "bytes", 1, 2.0**20),
    Followed("fds", "open descriptors", "count", 1, 2.0),
    Followed("cpu_per_request_ms", "CPU per request", "ms", 1, 0.01),
)


def with_floor(text: str | None) -> tuple[Followed, ...]:
    """All levels with another relative floor, such as ``"5%"``; raises ``InputError``."""
    if text is None:
        return FOLLOWED
    quantity = parse_quantity(text)
    if quantity.unit != "ratio" or quantity.value <= 0:
        raise InputError(f'--floor "{text}" must be a share above 0%, such as 10%')
    return tuple(replace(one, relative_floor=quantity.value) for one in FOLLOWED)
