"""What is compared: each metric with its unit, its bad direction, its floors and its usual noise."""

from __future__ import annotations

from dataclasses import dataclass

from reli_analysis.registry import Registry

OVERALL = ""
"""Stands for all requests, or for the target, where an endpoint's name would stand."""


@dataclass(frozen=True)
class Metric:
    """One number of a run, or of one of its endpoints.

    ``worse`` is 1 when more is worse and -1 when less is. A change counts when it exceeds both
    floors: ``relative_floor`` of the base's level, and ``absolute_floor`` in ``unit``.
    ``run_noise_ratio`` is the standard deviation, as a share of the level, by which runs of one and
    the same thing are taken to differ as long as too few repeats show it. A ``quantile`` makes it a
    latency, a ``column`` a level of the results; ``by_endpoint`` tells whether endpoints have it.
    """

    name: str
    label: str
    unit: str
    worse: int
    relative_floor: float
    absolute_floor: float
    run_noise_ratio: float
    quantile: float | None = None
    column: str | None = None
    by_endpoint: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is compared by difference: a share may well be 0 in the base."""
        return self.unit == "ratio"


METRICS: Registry[Metric] = Registry("metric")

for _metric in (
    Metric("p50", "p50", "ms", 1, 0.03, 0.05, 0.04, quantile=0.5, by_endpoint=True),
    Metric("p95", "p95", "ms", 1, 0.03, 0.05, 0.04, quantile=0.95, by_endpoint=True),
    Metric("p99", "p99", "ms", 1, 0.05, 0.1, 0.08, quantile=0.99, by_endpoint=True),
    Metric("throughput", "throughput", "1/s", -1, 0.03, 0.1, 0.03, by_endpoint=True),
    Metric("error_ratio", "error ratio", "ratio", 1, 0.1, 0.001, 0.25, by_endpoint=True),
    Metric("rss", "RSS", "bytes", 1, 0.03, 2.0**20, 0.03, column="rss_bytes"),
    Metric("fds", "open descriptors", "count", 1, 0.05, 2.0, 0.05, column="fds"),
    Metric("cpu_per_request", "CPU per request", "ms", 1, 0.03, 0.01, 0.04),
):
    METRICS.register(_metric.name, _metric)

ORDER = tuple(METRICS.get(name) for name in (
    "p50", "p95", "p99", "throughput", "error_ratio", "rss", "fds", "cpu_per_request"
))  # fmt: skip
"""All metrics in the order in which a report shows them."""
