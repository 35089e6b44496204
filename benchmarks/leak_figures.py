"""How right the answers about leaks are on the corpus' test half, and what they cost."""

from __future__ import annotations

import os
import time

# One thread: the matrices are small, and a figure of one core is asked for.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from figures import Figure
from leaks import corpus
from leaks.others.ours import ours
from leaks.score import score

from reli_analysis.trends.leak import find_leak
from reli_analysis.trends.observed import Observed

SEEDS = 24
SERIES = 20
LENGTH_S = 48 * 3600


def _seconds_for_48_h() -> float:
    """Processor time for 20 series of 48 hours at 1 Hz: flat, leaking, teeth, warming up."""
    source, times = np.random.default_rng(1), np.arange(float(LENGTH_S))
    load = 100 + 30 * np.sin(times / 14_000)
    shapes = (0 * times, 20 * times, 2e7 * (times / 3000 % 1), -3e7 * np.exp(-times / 4000))
    spent_s = 0.0
    for number in range(SERIES):
        values = 1e8 + shapes[number % len(shapes)] + 1e6 * source.standard_normal(LENGTH_S)
        lives = np.zeros(LENGTH_S, dtype=np.int64)
        observed = Observed(times, values, lives, load if number % 2 else None)
        began = time.process_time()
        find_leak(observed, 60_000.0)
        spent_s += time.process_time() - began
    return spent_s


def figures() -> list[Figure]:
    """Shares in per cent of the series that they are a share of."""
    series = corpus.all_series("test", range(SEEDS))
    got = score([(labelled, ours(labelled)) for labelled in series])
    how = f"{SEEDS} series of each of {len(corpus.KINDS)} kinds; `benchmarks/leak_detectors.py`"
    return [
        Figure("Leaks: false alarms", 100 * got.false_alarms, 0.3, "%", how),
        Figure("Leaks: slow warm-ups called a leak", 100 * got.slow, 5.0, "%", how),
        Figure("Leaks: found", 100 * got.recall, 97.0, "%", how, at_least=True),
        Figure("Leaks: clean series without an answer", 100 * got.unknown, 15.0, "%", how),
        Figure(
            "Leaks: true rate inside the interval", 100 * got.cover, 93.0, "%", how, at_least=True
        ),
        Figure("Leaks: answers that the truth contradicts", got.contradicted, 0, "", how),
        Figure(
            "Leaks: 20 series of 48 h at 1 Hz",
            _seconds_for_48_h(),
            2.0,
            "s",
            "processor time, from samples to answers",
        ),
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
