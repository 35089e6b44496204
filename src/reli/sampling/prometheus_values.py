"""Turns the pages of an endpoint, one after another, into values: rates, quantiles, levels."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reli.sampling.exposition_text import show_labels
from reli.sampling.prometheus_page import COUNTER, HISTOGRAM, SUMMARY
from reli.sampling.prometheus_quantile import histogram_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reli.sampling.exposition_text import Labels, Sample
    from reli.sampling.prometheus_page import Family
    from reli.sampling.prometheus_selector import Selector

MOST_SERIES = 100
"""Series of one selector that are read."""
QUANTILES = (0.5, 0.95, 0.99)
"""What a histogram becomes when its selector asks for none."""

_LONGEST_NAME = 500

_Series = tuple[str, "Labels"]


@dataclass
class Values:
    """What one page came to.

    ``named`` are the selectors' aliases, ``others`` series by their names; ``troubles`` have a
    sentence for each selector that did not get what it asks for.
    """

    named: dict[str, float] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    troubles: dict[Selector, str] = field(default_factory=dict)


class Converter:
    """Remembers the page before: a rate and a quantile are of what was added since."""

    def __init__(self, selectors: Sequence[Selector]) -> None:
        self._selectors = [(selector, selector.fits()) for selector in selectors]
        self._before: dict[_Series, float] = {}
        self._before_s = -math.inf
        self._kept: dict[Selector, set[Labels]] = {}

    def convert(self, families: Mapping[str, Family], at_s: float) -> Values:
        """The values of a page that was scraped at ``at_s``, on any clock that does not jump."""
        values = Values()
        seen: dict[_Series, float] = {}
        since = _Since(self._before, at_s - self._before_s)
        for selector, fits in self._selectors:
            family = families.get(selector.metric)
            matched = [s for s in family.samples if fits(_identity(s))] if family else []
            kept = self._bounded(selector, matched)
            trouble = _trouble(selector, family, matched, kept)
            if trouble:
                values.troubles[selector] = trouble
            if family is None or not kept:
                continue
            seen |= {(sample.name, sample.labels): sample.value for sample in kept}
            if selector.alias:
                value = _one(selector, family.kind, kept, since)
                if value is not None:
                    values.named[selector.alias] = value
            else:
                shown = _each(selector, family.kind, kept, since)
                values.others |= {n: v for n, v in shown if len(n) <= _LONGEST_NAME}
        self._before, self._before_s = seen, at_s
        return values

    def _bounded(self, selector: Selector, matched: Sequence[Sample]) -> list[Sample]:
        """The samples of so many series; those that were read before come first."""
        names = dict.fromkeys(_identity(sample) for sample in matched)
        if len(names) <= MOST_SERIES:
            self._kept[selector] = set(names)
            return list(matched)
        before = self._kept.get(selector, set())
        kept = sorted(names, key=lambda labels: labels not in before)[:MOST_SERIES]
        self._kept[selector] = set(kept)
        return [sample for sample in matched if _identity(sample) in self._kept[selector]]


@dataclass(frozen=True)
class _Since:
    """The page before this one, and how long ago it was scraped."""

    values: Mapping[_Series, float]
    passed_s: float

    def increase(self, sample: Sample) -> float | None:
        """What a counter gained; one that fell began anew at 0, as Prometheus takes it."""
        before = self.values.get((sample.name, sample.labels))
        if before is None or not (math.isfinite(before) and math.isfinite(sample.value)):
            return None
        return sample.value - before if sample.value >= before else sample.value

    def per_s(self, sample: Sample) -> float | None:
        increase = self.increase(sample)
        return None if increase is None or self.passed_s <= 0 else increase / self.passed_s


def _identity(sample: Sample) -> Labels:
    """The labels that tell a series from its siblings; a bucket's bound is none of them."""
    if not sample.name.endswith("_bucket"):
        return sample.labels
    return tuple(pair for pair in sample.labels if pair[0] != "le")


def _trouble(
    selector: Selector, family: Family | None, matched: Sequence[Sample], kept: Sequence[Sample]
) -> str:
    """Why a selector does not get all that it asks for; the numbers in it do not change."""
    if family is None:
        return f"the page has no metric {selector.metric}"
    if not matched and family.broken:
        return f"the lines of {selector.metric} are malformed"
    if not matched:
        return f"no series of {selector.metric} is as {selector} says"
    if selector.quantile is not None and family.kind != HISTOGRAM:
        return f"{selector.metric} is no histogram, so {selector} has no value"
    if selector.alias and selector.quantile is None and family.kind == HISTOGRAM:
        return (
            f"{selector.metric} is a histogram: write {selector.alias}=p95(...) for a quantile, "
            f"or {selector.metric}_count for the rate"
        )
    if selector.alias and family.kind == SUMMARY and len({s.labels for s in matched}) > 1:
        return (
            f'{selector.metric} is a summary: choose one of its series, as in {{quantile="0.99"}}'
        )
    if family.broken:
        return f"some lines of {selector.metric} are malformed and left out"
    if len(kept) < len(matched) or family.cut:
        return f"{selector} matches more than {MOST_SERIES} series; the rest are left out"
    return ""


def _one(selector: Selector, kind: str, samples: Sequence[Sample], since: _Since) -> float | None:
    """The value of a named selector: its series added up, all of them or nothing."""
    if selector.quantile is not None:
        return _quantile(selector.quantile, samples, since) if kind == HISTOGRAM else None
    own = [sample for sample in samples if sample.name == selector.metric]
    if kind == HISTOGRAM or (kind == SUMMARY and len(own) > 1):
        return None
    values = [since.per_s(s) if kind == COUNTER else _finite(s.value) for s in own]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _each(
    selector: Selector, kind: str, samples: Sequence[Sample], since: _Since
) -> Iterator[tuple[str, float]]:
    """Each series of a selector without a name, by what it became."""
    metric = selector.metric
    if kind == HISTOGRAM:
        yield from _histograms(selector, samples, since)
    for sample in samples:
        value: float | None
        if kind == COUNTER or (kind in {HISTOGRAM, SUMMARY} and sample.name == f"{metric}_count"):
            value, suffix = since.per_s(sample) if selector.quantile is None else None, "_per_s"
        else:
            value, suffix = _finite(sample.value) if sample.name == metric else None, ""
        if value is not None:
            yield f"{sample.name}{suffix}{show_labels(sample.labels)}", value


def _histograms(
    selector: Selector, samples: Sequence[Sample], since: _Since
) -> Iterator[tuple[str, float]]:
    by_series: dict[Labels, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_series[_identity(sample)].append(sample)
    for labels, of_series in by_series.items():
        for quantile in QUANTILES if selector.quantile is None else (selector.quantile,):
            value = _quantile(quantile, of_series, since)
            if value is not None:
                yield f"{selector.metric}_p{quantile * 100:g}{show_labels(labels)}", value


def _quantile(quantile: float, samples: Iterable[Sample], since: _Since) -> float | None:
    """A quantile of what was added to all of the buckets since the page before."""
    added: dict[float, float] = defaultdict(float)
    for sample in samples:
        if sample.name.endswith("_bucket"):
            increase = since.increase(sample)
            bound = _bound(dict(sample.labels).get("le", ""))
            if increase is None or bound is None:
                return None
            added[bound] += increase
    return histogram_quantile(quantile, added)


def _bound(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _finite(value: float) -> float | None:
    """A level; NaN and the infinities are no measurement."""
    return value if math.isfinite(value) else None
