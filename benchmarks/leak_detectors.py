"""Leak detectors side by side on a labelled corpus: the tables of docs/verdicts.md.

``python benchmarks/leak_detectors.py`` takes the half that nothing was tuned on. ``--half tune``
takes the other, ``--seeds 8`` fewer series of each kind, ``--kinds sawtooth stair`` some kinds,
``--ours`` leaves the other detectors out, and ``--left-out`` measures what each step buys.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from typing import TYPE_CHECKING

# One thread: the matrices are small, and processes side by side share the cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from leaks import corpus, steps
from leaks.labelled import CLEAN, LEAKY, SLOW
from leaks.others.floors_theil_sen import floors_theil_sen
from leaks.others.halves import halves
from leaks.others.least_squares import least_squares, least_squares_late
from leaks.others.mann_kendall import hamed_rao, mann_kendall, mann_kendall_late
from leaks.others.ours import ours
from leaks.score import score

if TYPE_CHECKING:
    from collections.abc import Callable

    from leaks.labelled import Labelled
    from leaks.others.answer import Answer

DETECTORS: dict[str, Callable[[Labelled], Answer]] = {
    "OLS, p < 0.05": least_squares,
    "OLS, last 2/3, > X": least_squares_late,
    "second half against first, > X": halves,
    "Mann-Kendall": mann_kendall,
    "Mann-Kendall p < 0.01 and Sen > X, last 2/3": mann_kendall_late,
    "Hamed-Rao": hamed_rao,
    "floors, Theil-Sen, block bootstrap, last 2/3, > X": floors_theil_sen,
    "**reli**": ours,
}
HEADER = (
    "| Detector | False alarms | Slow | Recall | Precision | Unknown | Rate error | Cover "
    "| Contradicted | ms |\n|---|---|---|---|---|---|---|---|---|---|"
)
KINDS_HEADER = (
    "| Kind | Series | LEAK | NO LEAK | INCONCLUSIVE | Cover |\n|---|---|---|---|---|---|"
)

Answered = list[tuple["Labelled", "Answer"]]


def answers(
    detector: Callable[[Labelled], Answer], series: list[Labelled]
) -> tuple[Answered, float]:
    """All answers, and the milliseconds of processor time that one took."""
    began = time.process_time()
    answered = [(labelled, detector(labelled)) for labelled in series]
    return answered, (time.process_time() - began) / len(series) * 1000


def row(name: str, answered: Answered, spent_ms: float) -> str:
    """One row of the detectors' table."""
    got = score(answered)
    numbers = (got.false_alarms, got.slow, got.recall, got.precision, got.unknown, got.rate_error)
    cells = ["-" if math.isnan(number) else f"{number:.3f}" for number in (*numbers, got.cover)]
    return f"| {name} | {' | '.join(cells)} | {got.contradicted} | {spent_ms:.0f} |"


def kind_row(kind: str, answered: Answered) -> str:
    """One row of the kinds' table."""
    got = score(answered)
    asked = [says for truth, says in answered if truth.counts]
    told = [sum(says.leaks is which for says in asked) for which in (True, False, None)]
    cover = "-" if kind.startswith(SLOW) or math.isnan(got.cover) else f"{got.cover:.2f}"
    return f"| {kind} | {len(asked)} | {' | '.join(map(str, told))} | {cover} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=corpus.HALVES, default="test")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--left-out", action="store_true")
    asked = parser.parse_args()
    kinds = [k for k in corpus.KINDS if not asked.kinds or any(word in k for word in asked.kinds)]
    series = list(corpus.all_series(asked.half, range(asked.seeds), kinds))
    groups = ", ".join(
        f"{sum(kind.startswith(group) for kind in kinds)} {group}" for group in (CLEAN, SLOW, LEAKY)
    )
    print(f"{len(series):,} series: {groups} kinds, {asked.seeds} of each ({asked.half} half).\n")
    print(HEADER, flush=True)
    if asked.left_out:
        for name, left_out in steps.LEFT_OUT.items():
            with left_out():
                print(row(name, *answers(ours, series)), flush=True)
        return 0
    for name, detector in DETECTORS.items():
        if detector is ours or not asked.ours:
            answered, spent_ms = answers(detector, series)
            print(row(name, answered, spent_ms), flush=True)
    print(f"\n{KINDS_HEADER}")
    for kind in kinds:
        print(kind_row(kind, [one for one in answered if one[0].kind == kind]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
