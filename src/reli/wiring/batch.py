"""Counts many requests in an entry of Locust's statistics at once, as if one by one.

Locust spends more on counting a request (twice: in the total and in the entry) than reli on keeping
its time. Once a second is often enough for what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import locust.stats
import numpy as np

if TYPE_CHECKING:
    from locust.stats import StatsEntry
    from numpy.typing import NDArray

_LOCUSTS_OWN = locust.stats.bucket_response_time


def count_many(
    entry: StatsEntry, times_ms: NDArray[np.float64], content_length: int, at_s: float
) -> None:
    """What as many calls of ``entry.log`` at one moment would do; NaN is a time that is none.

    ``at_s`` is a wall clock's time; ``content_length`` is the sum over all.
    """
    second = int(at_s)
    last = entry.last_request_timestamp
    if entry.use_response_times_cache and last and second > int(last):
        entry._cache_response_times(second - 1)  # noqa: SLF001 -- as its own log does
    entry.num_requests += len(times_ms)
    entry.num_reqs_per_sec[second] += len(times_ms)
    entry.last_request_timestamp = at_s
    entry.total_content_length += content_length
    known = times_ms[np.isfinite(times_ms)]
    entry.num_none_requests += len(times_ms) - len(known)
    if len(known):
        _count_times(entry, known)


def _count_times(entry: StatsEntry, times_ms: NDArray[np.float64]) -> None:
    lowest, highest = float(times_ms.min()), float(times_ms.max())
    before = entry.min_response_time
    # Locust's annotations say int; what requests report is a float.
    entry.total_response_time += float(times_ms.sum())  # type: ignore[assignment]  # as above
    entry.min_response_time = lowest if before is None else min(before, lowest)  # type: ignore[assignment]  # as above
    entry.max_response_time = max(entry.max_response_time, highest)  # type: ignore[assignment]  # as above
    keys, counts = np.unique(_rounded(times_ms), return_counts=True)
    for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
        entry.response_times[key] += count


def _rounded(times_ms: NDArray[np.float64]) -> NDArray[np.int64]:
    """The keys of Locust's histogram: its function can be replaced, and is then called."""
    round_one = locust.stats.bucket_response_time
    if round_one is not _LOCUSTS_OWN:
        return np.array([round_one(time_ms) for time_ms in times_ms.tolist()])
    steps = np.array([1, 10, 100, 1000])[np.searchsorted([100, 1000, 10_000], times_ms, "right")]
    rounded: NDArray[np.int64] = (np.rint(times_ms / steps) * steps).astype(np.int64)
    return rounded
