"""Latencies as a source of levels: merged histograms, never averages of percentiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drift.source import Source
    from reli_analysis.latency import LatencyCells, LatencyLog
    from reli_analysis.selection import Spans

FINE_CELLS = 576
"""Into so many the whole stretch is decoded once; most questions are sums of them."""

_GROUPS = 24
_MOST_SCORE = 2.0


@dataclass(frozen=True)
class LatencySource:
    """A percentile (``quantile``) or, with ``None``, the mean of the requests of some tags.

    ``fewest`` requests are the least for a level. ``fine`` are the counts between
    ``fine_borders_s``.
    """

    log: LatencyLog
    tags: tuple[str, ...]
    spans: Spans
    quantile: float | None
    fewest: int
    start_s: float
    end_s: float
    interval_s: float
    fine_borders_s: NDArray[np.float64] = field(repr=False)
    fine: LatencyCells = field(repr=False)

    @classmethod
    def of(
        cls,
        log: LatencyLog,
        tags: tuple[str, ...],
        spans: Spans,
        quantile: float | None,
        fewest: int,
    ) -> LatencySource:
        """Decodes the spans once."""
        interval_s = max(log.row_length_s(tags), 1e-3)
        start_s, end_s = spans[0][0], spans[-1][1]
        intervals = max(1, round((end_s - start_s) / interval_s))
        width_s = max(1, intervals // FINE_CELLS) * interval_s
        count = max(1, int((end_s - start_s) / width_s + 1e-6))
        borders_s = end_s - width_s * np.arange(count, -1, -1, dtype=np.float64)
        return cls(
            log,
            tags,
            spans,
            quantile,
            fewest,
            float(borders_s[0]),
            end_s,
            interval_s,
            borders_s,
            log.cells(tags, borders_s, spans),
        )

    def counts(self, borders_s: NDArray[np.float64]) -> LatencyCells:
        """Of each cell: sums of the fine ones where the borders are theirs, else decoded anew."""
        places = np.searchsorted(self.fine_borders_s, borders_s - self.interval_s / 4)
        within = places < len(self.fine_borders_s)
        if within.all() and np.allclose(
            self.fine_borders_s[places], borders_s, rtol=0, atol=self.interval_s / 4
        ):
            cut = places[-1] < len(self.fine.counts)
            joined = self.fine.joined(places if cut else places[:-1])
            return type(joined)(joined.values_ms, joined.counts[: len(borders_s) - 1])
        return self.log.cells(self.tags, borders_s, self.spans)

    def levels(self, borders_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """NaN where a cell holds too few requests."""
        counts = self.counts(borders_s)
        values = counts.means_ms() if self.quantile is None else counts.quantiles_ms(self.quantile)
        return np.where(counts.totals >= self.fewest, values, np.nan)

    def contrast(self, before_s: tuple[float, float], after_s: tuple[float, float]) -> Source:
        """What tells the requests of the two stretches apart: see :class:`ScoreSource`."""
        before, after = (
            self.log.cells(self.tags, np.array(stretch), self.spans)
            for stretch in (before_s, after_s)
        )
        values = np.union1d(before.values_ms, after.values_ms)
        if not len(before.values_ms) or not len(after.values_ms):
            return self
        counts = np.zeros((2, len(values)))
        for row, part in enumerate((before, after)):
            counts[row, np.searchsorted(values, part.values_ms)] = part.counts[0]
        up_to = np.cumsum(counts.sum(axis=0))
        group = np.minimum(((up_to - 1) / up_to[-1] * _GROUPS).astype(int), _GROUPS - 1)
        shares = np.stack([np.bincount(group, row, _GROUPS) + 0.5 for row in counts])
        shares /= shares.sum(axis=1, keepdims=True)
        scores = np.clip(np.log(shares[1] / shares[0]), -_MOST_SCORE, _MOST_SCORE)
        return ScoreSource(self, values, scores[group])


@dataclass(frozen=True)
class ScoreSource:
    """The mean over a cell's requests of log(share after / share before) of their latency.

    The statistic that tells the two mixtures of latencies apart best (Neyman and Pearson): it uses
    all requests, where a percentile of a second with twenty of them hangs on the slowest one.
    """

    of: LatencySource
    values_ms: NDArray[np.float64]
    scores: NDArray[np.float64]

    @property
    def start_s(self) -> float:
        return self.of.start_s

    @property
    def end_s(self) -> float:
        return self.of.end_s

    @property
    def interval_s(self) -> float:
        return self.of.interval_s

    def levels(self, borders_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """NaN for a cell without requests."""
        cells = self.of.log.cells(self.of.tags, borders_s, self.of.spans)
        at = np.minimum(np.searchsorted(self.values_ms, cells.values_ms), len(self.scores) - 1)
        totals = cells.totals
        return np.asarray(cells.counts @ self.scores[at] / np.where(totals > 0, totals, np.nan))

    def contrast(self, before_s: tuple[float, float], after_s: tuple[float, float]) -> Source:
        """Itself."""
        del before_s, after_s
        return self
