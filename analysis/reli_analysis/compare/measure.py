"""Reduces one run to the numbers that are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.unanswered import is_unanswered
from reli_analysis.compare.blocks import cut
from reli_analysis.compare.estimates import TOO_SHORT, rate, ratio, share
from reli_analysis.compare.measured import Curve, Measured, MeasuredRun, Missing
from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.quantiles import GRID, BlockedLatencies, needed_for
from reli_analysis.compare.traffic import of_endpoint, of_everything
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.record.layout import OTHER
from reli_analysis.selection import (
    inside,
    length_s,
    load_spans,
    steady_seconds,
    steady_spans,
)
from reli_analysis.validity import check_run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.compare.blocks import Blocks
    from reli_analysis.compare.metrics import Metric
    from reli_analysis.compare.settings import Settings
    from reli_analysis.compare.traffic import Traffic
    from reli_analysis.series import Run

COMPLETE = 0.95
"""The share of the counted requests that the interval log must hold."""

_WATCHED = 0.5


def measure_run(run: Run, settings: Settings) -> MeasuredRun:
    """All numbers of a run, of which nothing large is kept."""
    measuring = _Measuring(run)
    names = [name for name in run.endpoints if not is_unanswered(name) and name != f" {OTHER}"]
    numbers: dict[tuple[str, str], Measured | Missing] = {}
    for metric in settings.metrics:
        numbers[OVERALL, metric.name] = measuring.overall(metric)
    curves = {OVERALL: measuring.curve(OVERALL)}
    for name in settings.wants(names):
        for metric in settings.metrics:
            if metric.by_endpoint:
                numbers[name, metric.name] = measuring.endpoint(name, metric)
        curves[name] = measuring.curve(name)
    folded = f" {OTHER}" in run.endpoints
    return MeasuredRun(
        title=run.title,
        path=str(run.path),
        info=run.info,
        steady_s=steady_seconds(run),
        endpoints=frozenset(names),
        numbers=numbers,
        curves={name: curve for name, curve in curves.items() if curve is not None},
        findings=check_run(run),
        notes=(f"{run.title}: endpoints under {OTHER} are not compared",) if folded else (),
    )


class _Measuring:
    """One run and what several metrics share: where it is judged, its latencies by endpoint."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._latencies: dict[str, BlockedLatencies | Missing] = {}
        self._load = load_spans(run)

    def overall(self, metric: Metric) -> Measured | Missing:
        if metric.quantile is not None:
            return self._latency(OVERALL, metric.quantile)
        if metric.column is not None:
            return self._level(metric.column)
        if metric.name == "cpu_per_request":
            return self._cpu_per_request()
        return _of_traffic(metric, of_everything(self._run))

    def endpoint(self, name: str, metric: Metric) -> Measured | Missing:
        if metric.quantile is not None:
            return self._latency(name, metric.quantile)
        return _of_traffic(metric, of_endpoint(self._run, name))

    def curve(self, name: str) -> Curve | None:
        """The quantiles of the grid; ``None`` without latencies."""
        answers = [self._latency(name, quantile) for quantile in GRID]
        if all(isinstance(answer, Missing) for answer in answers):
            return None
        pairs = [
            (a.value, a.error) if isinstance(a, Measured) else (math.nan,) * 2 for a in answers
        ]
        values, errors = np.array(pairs).T
        return Curve(values, errors)

    def _latency(self, name: str, quantile: float) -> Measured | Missing:
        latencies = self._blocked(name)
        if isinstance(latencies, Missing):
            return latencies
        total, needed = latencies.whole.total, needed_for(quantile)
        value_ms = latencies.whole.quantile_ms(quantile)
        if value_ms is None or total < needed:
            return Missing(
                f"has {total:,} requests of the {needed:,} that p{quantile * 100:g} needs"
            )
        effect = latencies.design_effect(quantile)
        if math.isnan(effect) and name != OVERALL:  # too few rows of its own: as clustered as all
            everything = self._blocked(OVERALL)
            if isinstance(everything, BlockedLatencies):
                effect = everything.design_effect(quantile)
        if math.isnan(effect):
            return Missing(TOO_SHORT)
        return Measured(value_ms, latencies.error_ms(quantile, effect), total)

    def _blocked(self, name: str) -> BlockedLatencies | Missing:
        if name not in self._latencies:
            self._latencies[name] = self._block(name)
        return self._latencies[name]

    def _block(self, name: str) -> BlockedLatencies | Missing:
        log, spans = self._run.latency, steady_spans(self._run)
        if log is None or not log.tags():
            return Missing("has no interval log (latency.hlog)")
        tag = ALL_REQUESTS if name == OVERALL else log.endpoints().get(name)
        if tag is None:
            return Missing("has no latencies of it in its interval log")
        if not spans:
            return Missing("has no steady window")
        found = BlockedLatencies(log, tag, cut(spans, log.row_length_s((tag,))))
        told = of_everything(self._run) if name == OVERALL else of_endpoint(self._run, name)
        counted = 0.0 if isinstance(told, Missing) else told.asked
        if found.whole.total < COMPLETE * counted:
            return Missing(
                f"lost latencies: {found.whole.total:,} of {counted:,.0f} requests are in its log"
            )
        return found

    def _level(self, column: str) -> Measured | Missing:
        """The mean of a column under steady load."""
        sampled = self._sampled(column)
        return sampled if isinstance(sampled, Missing) else ratio(sampled.sums, sampled.counts)

    def _sampled(self, column: str) -> _Sampled | Missing:
        series = self._run.series.get(column)
        known = series.measured() if series is not None else None
        if known is None or not len(known):
            return Missing(f"never measured {column}")
        chosen = inside(known.elapsed_s, self._load)
        if chosen.sum() < _WATCHED * length_s(self._load) / self._run.interval_s:
            return Missing(f"measured {column} in less than half of its steady load")
        blocks, at = cut(self._load, self._run.interval_s), known.elapsed_s[chosen]
        sums = blocks.sums(at, known.values[chosen])
        return _Sampled(blocks, sums, blocks.sums(at, np.ones(len(at))))

    def _cpu_per_request(self) -> Measured | Missing:
        """Milliseconds of the target's CPU time a request that was answered."""
        sampled, traffic = self._sampled("cpu_cores"), of_everything(self._run)
        if isinstance(sampled, Missing):
            return sampled
        if isinstance(traffic, Missing):
            return traffic
        answered, seconds = traffic.rate_by_block(sampled.blocks)
        cores = sampled.sums / np.maximum(sampled.counts, 1)
        return ratio(1000 * cores * seconds, answered)


@dataclass(frozen=True)
class _Sampled:
    """The samples of a column by block: their sums, and how many they are."""

    blocks: Blocks
    sums: NDArray[np.float64]
    counts: NDArray[np.float64]


def _of_traffic(metric: Metric, traffic: Traffic | Missing) -> Measured | Missing:
    if isinstance(traffic, Missing):
        return traffic
    if metric.name == "throughput":
        return rate(*traffic.rate_by_block(cut(traffic.load, traffic.row_s)))
    failures, requests = traffic.failed_by_block(cut(traffic.steady, traffic.row_s))
    return share(failures, requests)
