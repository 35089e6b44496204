"""Columns of service times, response times and start delays, and the quantile that each one is."""

from __future__ import annotations

from reli_analysis.record.columns.column import Column

SERVICE = (
    Column("service_p50_ms", "ms", "median service time: from sending to answer"),
    Column("service_p95_ms", "ms", "95th percentile of service time"),
    Column("service_p99_ms", "ms", "99th percentile of service time"),
    Column("service_max_ms", "ms", "longest service time"),
)

RESPONSE = (
    Column("mean_ms", "ms", "mean response time: from the intended start to the answer"),
    Column("p50_ms", "ms", "median response time"),
    Column("p90_ms", "ms", "90th percentile of response time"),
    Column("p95_ms", "ms", "95th percentile of response time"),
    Column("p99_ms", "ms", "99th percentile of response time"),
    Column("p999_ms", "ms", "99.9th percentile of response time"),
    Column("max_ms", "ms", "longest response time"),
)

START_DELAY = (
    Column("start_delay_p50_ms", "ms", "median start delay: from an arrival to its iteration"),
    Column("start_delay_p99_ms", "ms", "99th percentile of the start delay"),
    Column("start_delay_max_ms", "ms", "longest start delay"),
    Column(
        "idle_start_delay_p99_ms",
        "ms",
        "the same for arrivals that found a user idle: how late the generator itself was",
    ),
)

RESPONSE_QUANTILES = {
    "p50_ms": 0.5,
    "p90_ms": 0.9,
    "p95_ms": 0.95,
    "p99_ms": 0.99,
    "p999_ms": 0.999,
    "max_ms": 1.0,
}
SERVICE_QUANTILES = {
    "service_p50_ms": 0.5,
    "service_p95_ms": 0.95,
    "service_p99_ms": 0.99,
    "service_max_ms": 1.0,
}

START_DELAY_QUANTILES = {
    "start_delay_p50_ms": 0.5,
    "start_delay_p99_ms": 0.99,
    "start_delay_max_ms": 1.0,
}
IDLE_START_DELAY_QUANTILES = {"idle_start_delay_p99_ms": 0.99}
