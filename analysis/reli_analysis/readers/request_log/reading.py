"""From the batches of a format to a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.request_log.assembled import assemble
from reli_analysis.readers.request_log.clock import Clock
from reli_analysis.readers.request_log.collector import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reli_analysis.readers.request_log.arrow import Left
    from reli_analysis.readers.request_log.batch import Requests
    from reli_analysis.series import Run


def run_of(
    path: Path,
    batches: Iterable[Requests],
    *,
    last_s: float,
    notes: Sequence[str],
    left: Left | None = None,
) -> Run:
    """Count every batch; ``last_s`` is the moment of the file's last row, NaN where unknown."""
    collector: Collector | None = None
    waiting: list[Requests] = []
    for batch in batches:
        waiting.append(batch)
        if collector is None:
            known = batch.moments_s[np.isfinite(batch.moments_s)]
            if not len(known):
                continue
            collector = Collector(Clock.of(known, last_s))
        try:
            for one in waiting:
                collector.add(one)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        waiting.clear()
    if collector is None:
        raise InputError(f"{path} holds no request with a time")
    skipped, how = (left.rows, left.first) if left else (0, "")
    return assemble(path, collector, notes, skipped, how)
