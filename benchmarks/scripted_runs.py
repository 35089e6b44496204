"""Runs of a service whose truth is known, made in memory: benchmarks compare them by the hundred.

Latencies are log-normal. Their level wanders within a run (first-order autoregression by the
second), and every run has a level of its own: that is what repeats differ by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.latency import ALL_REQUESTS, LatencyLog
from reli_analysis.latency_rows import TagRows
from reli_analysis.record import hlog
from reli_analysis.record.histogram import HALF, HALF_BITS, SUB_BUCKETS
from reli_analysis.record.layout import unit_of
from reli_analysis.series import Endpoint, Run, Series
from reli_analysis.windows import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENDPOINTS = ("GET /", "GET /item", "POST /cart")
_ENDPOINT_S = 10
_MIB = 2.0**20


@dataclass(frozen=True)
class Truth:
    """A service and its noise; ratios are standard deviations of logarithms.

    ``run_noise`` is between runs and shared by all that a run measures, ``own_noise`` between runs
    and each metric's own, ``wander`` that of the level within a run, which remembers ``memory`` of
    itself from one second to the next. ``slower`` multiplies every latency.
    """

    length_s: int = 300
    per_s: float = 40.0
    p50_ms: float = 20.0
    spread: float = 0.5
    run_noise: float = 0.03
    own_noise: float = 0.01
    wander: float = 0.1
    memory: float = 0.9
    error_ratio: float = 0.002
    slower: float = 1.0

    def regressed(self, by: float) -> Truth:
        """The same service with all latencies longer by a share."""
        return replace(self, slower=self.slower * (1 + by))


def make_run(truth: Truth, seed: int) -> Run:
    """One run; the same seed gives the same run."""
    rng = np.random.default_rng(seed)
    seconds, counts, endpoint, latencies_ms = _requests(truth, rng)
    failed = rng.random(len(latencies_ms)) < truth.error_ratio * math.exp(0.2 * rng.normal())
    elapsed = np.arange(float(truth.length_s))
    columns = {
        "requests": counts.astype(float),
        "failures": np.bincount(seconds, failed, truth.length_s),
        "completed_per_s": counts.astype(float),
        "rss_bytes": _level(truth, rng, 200 * _MIB),
        "fds": np.round(_level(truth, rng, 60)),
        "cpu_cores": counts * 0.004 * _level(truth, rng, 1.0),
    }
    rows = {ALL_REQUESTS: _log(seconds, latencies_ms, 1, truth.length_s)}
    endpoints = {}
    tens = np.arange(0.0, truth.length_s, _ENDPOINT_S)
    for at, name in enumerate(ENDPOINTS):
        own = endpoint == at
        bins = seconds[own] // _ENDPOINT_S
        kind, _, path = name.partition(" ")
        log = _log(bins, latencies_ms[own], _ENDPOINT_S, len(tens))
        rows[hlog.endpoint_tag(kind, path)] = log
        endpoints[name] = Endpoint(
            name,
            tens,
            np.bincount(bins, minlength=len(tens)).astype(float),
            np.bincount(bins, failed[own], len(tens)).astype(float),
            np.full(len(tens), float(_ENDPOINT_S)),
        )
    return Run(
        title=f"scripted-{seed}",
        path=Path(f"scripted-{seed}"),
        series={n: Series(n, unit_of(n), elapsed, values) for n, values in columns.items()},
        windows=(Window("steady", "hold", 0.0, float(truth.length_s)),),
        latency=LatencyLog(rows),
        endpoints=endpoints,
    )


def _requests(
    truth: Truth, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The second of each request, requests by second, each one's endpoint and its latency."""
    counts = rng.poisson(truth.per_s, truth.length_s)
    wander = _autoregressive(rng, truth.length_s, truth.memory) * truth.wander
    seconds = np.repeat(np.arange(truth.length_s), counts)
    endpoint = rng.choice(len(ENDPOINTS), len(seconds), p=(0.5, 0.35, 0.15))
    own = rng.normal(0, truth.own_noise, len(ENDPOINTS))
    level = math.log(truth.p50_ms * truth.slower) + rng.normal(0, truth.run_noise)
    logs = level + 0.5 * endpoint + own[endpoint] + wander[seconds]
    spread = truth.spread * math.exp(rng.normal(0, truth.own_noise))
    return seconds, counts, endpoint, np.exp(logs + spread * rng.standard_normal(len(seconds)))


def _autoregressive(rng: np.random.Generator, count: int, memory: float) -> NDArray[np.float64]:
    """A first-order autoregression of variance 1."""
    from scipy.signal import lfilter

    shocks = rng.standard_normal(count) * math.sqrt(1 - memory**2)
    shocks[0] = rng.standard_normal()
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks))


def _level(truth: Truth, rng: np.random.Generator, level: float) -> NDArray[np.float64]:
    """A resource: a level of the run's own that wanders a little."""
    own = math.exp(rng.normal(0, math.hypot(0.5 * truth.run_noise, truth.own_noise)))
    wander = _autoregressive(rng, truth.length_s, 0.95)
    return np.asarray(level * own * np.exp(0.02 * wander))


def _log(
    bins: NDArray[np.int64], latencies_ms: NDArray[np.float64], length_s: int, count: int
) -> TagRows:
    """The interval log of some requests: one histogram a bin."""
    index = _indexes((latencies_ms * 1e6).astype(np.int64))
    payloads = []
    order = np.argsort(bins, kind="stable")
    for own in np.split(index[order], np.searchsorted(bins[order], np.arange(1, count))):
        buckets, filled = np.unique(own, return_counts=True)
        payloads.append(hlog.encode(dict(zip(buckets.tolist(), filled.tolist(), strict=True))))
    starts = np.arange(count, dtype=float) * length_s
    return TagRows(starts, np.full(count, float(length_s)), payloads)


def _indexes(values_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """``record.histogram.index_of`` of many values."""
    _, exponent = np.frexp((values_ns | (SUB_BUCKETS - 1)).astype(float))
    bucket = exponent - (HALF_BITS + 1)
    return np.asarray(((bucket + 1) << HALF_BITS) + (values_ns >> bucket) - HALF)
