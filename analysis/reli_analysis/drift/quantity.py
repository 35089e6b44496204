"""What ``no drift in ...`` speaks of, as a source of levels: found in a run, or said why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.enough import REQUESTS_FOR_MEAN, requests_for_quantile
from reli_analysis.budgets.latencies import has_log, judged_latencies, log_of, tags_of
from reli_analysis.budgets.lookup import series_of, spans_of
from reli_analysis.budgets.samples import steady_samples
from reli_analysis.budgets.traffic import traffic_of
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.budgets.vocabulary import PER_REQUEST, PLAIN, quantile_of
from reli_analysis.drift.answer import FEWEST_LEVELS
from reli_analysis.drift.changes import CELLS
from reli_analysis.drift.latencies import LatencySource
from reli_analysis.drift.source import RatioSource, SampledSource, Source
from reli_analysis.drift.worse import worse_of
from reli_analysis.record.layout import RESPONSE_QUANTILES, SERVICE_QUANTILES
from reli_analysis.selection import inside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.budgets.model import Budget
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run, Series

_MORE_A_LEVEL = 2
"""A level has so many times the requests that its percentile needs at least, or is all noise."""


@dataclass(frozen=True)
class Quantity:
    """A source with its name and unit.

    ``worse`` is 1 when more is worse, -1 when less is, 0 when it cannot be known. ``cells`` is how
    many levels it has data for. ``basis`` says in a few words what it was made of.
    """

    name: str
    unit: str
    worse: int
    source: Source
    cells: int = CELLS
    basis: str = ""
    latency: bool = False


def quantity(budget: Budget, run: Run) -> Quantity:
    """What the one subject of a budget means in a run; raises ``Undecided`` when it has none."""
    subject = budget.metric
    percentile = quantile_of(subject)
    if percentile is not None or subject == "mean":
        function, quantile = percentile or ("mean", None)
        asked = replace(budget, function=function, word=subject, metrics=(), quantile=quantile)
        if has_log(run) or budget.endpoint is not None:
            return _latency(asked, run)
        return _of_intervals(asked, run)
    if subject in PLAIN:
        return _traffic(replace(budget, function=subject, word=subject, metrics=()), run)
    if subject.endswith(PER_REQUEST):
        return _per_request(budget, run, subject.removesuffix(PER_REQUEST))
    samples = steady_samples(budget, run)
    basis = f"{len(samples):,} samples"
    source = _sampled(samples, run)
    return Quantity(subject, samples.unit, worse_of(samples.name), source, CELLS, basis)


def _sampled(samples: Series, run: Run) -> SampledSource:
    """Over the whole steady load, also where nothing was sampled."""
    spans = spans_of(run, under_load=True)
    source = SampledSource.of(samples.elapsed_s, samples.values)
    return replace(source, start_s=min(spans[0][0], source.start_s), end_s=spans[-1][1])


def _latency(asked: Budget, run: Run) -> Quantity:
    log, spans = log_of(run), spans_of(run, under_load=True)
    judged_latencies(asked, run)  # says so when too many are missing
    tags = tags_of(asked, run, log)
    fewest = requests_for_quantile(asked.quantile) if asked.quantile else REQUESTS_FOR_MEAN
    source = LatencySource.of(log, tags, spans, asked.quantile, fewest)
    requests = round(float(source.fine.totals.sum()))
    cells = min(CELLS, requests // (_MORE_A_LEVEL * fewest))
    if cells < FEWEST_LEVELS:
        needed = FEWEST_LEVELS * _MORE_A_LEVEL * fewest
        raise Undecided(
            f"only {requests:,} requests; the drift of {asked.word} needs at least {needed:,}",
            evidence={"requests": requests, "requests_needed": needed},
            advice=f"Run longer or send more: drift of {asked.word} needs {needed:,} requests.",
        )
    return Quantity(asked.subject, "ms", 1, source, cells, f"{requests:,} requests", latency=True)


def _of_intervals(asked: Budget, run: Run) -> Quantity:
    """Without histograms: the percentiles of single intervals, which are told to be that."""
    columns = SERVICE_QUANTILES if asked.function == "service_pNN" else RESPONSE_QUANTILES
    wanted = asked.quantile
    name = "mean_ms" if wanted is None else next((n for n, q in columns.items() if q == wanted), "")
    if name not in run.series:
        raise Undecided(
            f"the input has neither an interval log nor a column {name or asked.word + '_ms'}",
            advice="Analyse a run directory, whose latency.hlog gives exact percentiles.",
        )
    samples = steady_samples(replace(asked, metrics=(name,)), run)
    source = _sampled(samples, run)
    basis = f"the {asked.word} of {len(samples):,} single intervals"
    return Quantity(asked.subject, "ms", 1, source, CELLS, basis, latency=True)


def _traffic(asked: Budget, run: Run) -> Quantity:
    if asked.word == "max_latency":
        raise Undecided(
            "max_latency hangs on single requests, so its drift says nothing",
            advice="Ask for the drift of p99, or of p99.9 with many requests.",
        )
    traffic = traffic_of(asked, run)
    spans = spans_of(run, under_load=True)
    loaded = inside(traffic.elapsed_s, spans)
    elapsed_s, requests, failures = (
        column[loaded] for column in (traffic.elapsed_s, traffic.requests, traffic.failures)
    )
    if not len(elapsed_s) or not np.nansum(requests):
        raise Undecided("there were no requests in the steady window")
    if asked.word == "throughput":
        # Endpoints that were not called in an interval have no row there.
        elapsed_s, requests = _summed(elapsed_s, requests)
        source = _ratio(elapsed_s, requests, np.full(len(requests), traffic.longest_s), spans)
        return Quantity(asked.subject, "1/s", -1, source, CELLS, f"{traffic.total:,} requests")
    hits = requests - failures if asked.word == "availability" else failures
    source = _ratio(elapsed_s, hits, requests, spans)
    basis = f"{traffic.total:,} {'arrivals' if asked.word == 'dropped_ratio' else 'requests'}"
    worse = -1 if asked.word == "availability" else 1
    return Quantity(asked.subject, "ratio", worse, source, CELLS, basis)


def _summed(
    elapsed_s: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of one moment added up, as several endpoints have them."""
    moments, place = np.unique(elapsed_s, return_inverse=True)
    return moments, np.bincount(place, values, len(moments)).astype(np.float64)


def _per_request(budget: Budget, run: Run, name: str) -> Quantity:
    """CPU time, or whatever a column counts a second, by the requests answered meanwhile."""
    series = series_of(run, name)
    per_s = {"cores": ("ms", 1000.0), "1/s": ("count", 1.0)}
    if series.unit not in per_s:
        raise Undecided(
            f"{name} is nothing that adds up over a second, so it has no amount a request",
            advice="Ask for cpu per request, or for a column in 1/s.",
        )
    unit, scale = per_s[series.unit]
    asked = replace(budget, function="throughput", word="throughput", metrics=(), endpoint=None)
    traffic = traffic_of(asked, run)
    at = np.searchsorted(series.elapsed_s, traffic.elapsed_s)
    at = np.minimum(at, len(series) - 1)
    same = np.abs(series.elapsed_s[at] - traffic.elapsed_s) < run.interval_s / 2
    spent = np.where(same, series.values[at], np.nan) * scale * run.interval_s
    if not np.isfinite(spent).any():
        raise Undecided(
            f"{name} was never measured in the steady window",
            advice=f"Let {name} be sampled while the load is steady.",
        )
    source = _ratio(traffic.elapsed_s, spent, traffic.requests, spans_of(run, under_load=True))
    return Quantity(budget.metric, unit, 1, source, CELLS, f"{traffic.total:,} requests")


def _ratio(
    elapsed_s: NDArray[np.float64],
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    spans: Spans,
) -> RatioSource:
    interval_s = float(np.median(np.diff(elapsed_s))) if len(elapsed_s) > 1 else 1.0
    interval_s = max(interval_s, 1e-3)
    return RatioSource(elapsed_s, above, below, interval_s, spans[0][0], spans[-1][1])
