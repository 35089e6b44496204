"""How often a comparison is wrong about runs whose truth is known, and whether it finds 5 %.

Runs are scripted (``scripted_runs``): latencies that wander within a run, runs that differ from each
other. Each is measured once; comparisons draw theirs from that pool, without replacement.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

from figures import Figure
from scripted_runs import Truth, make_run

from reli_analysis.compare.comparison import compare_runs
from reli_analysis.compare.measure import measure_run
from reli_analysis.compare.outcome import Outcome
from reli_analysis.compare.settings import make_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.row import Row

USUAL = Truth(run_noise=0.02, own_noise=0.01, wander=0.06)
NOISY = Truth(run_noise=0.1, own_noise=0.02, wander=0.1)
COMPARISONS = 200
_SETTINGS = make_settings()
_MOST_FALSE = 2.0
_LEAST_FOUND = 90.0
_HALF = 80


def measured(truth: Truth, first_seed: int, count: int) -> list[MeasuredRun]:
    """Runs of one truth, as a comparison sees them."""
    seeds = range(first_seed, first_seed + count)
    return [measure_run(make_run(truth, seed), _SETTINGS) for seed in seeds]


def compared(base: Sequence[MeasuredRun], candidate: Sequence[MeasuredRun]) -> Comparison:
    return compare_runs(base, candidate, _SETTINGS)


def identical(pool: Sequence[MeasuredRun], of_each: int, draw: random.Random) -> Counter[Outcome]:
    """The outcomes of comparing runs with others of the same truth."""
    outcomes: Counter[Outcome] = Counter()
    for _ in range(COMPARISONS):
        runs = draw.sample(pool, 2 * of_each)
        outcomes[compared(runs[:of_each], runs[of_each:]).outcome] += 1
    return outcomes


def p95(comparison: Comparison) -> Row:
    return next(row for row in comparison.rows if row.name == "p95")


def found_when_asked(
    same: Sequence[MeasuredRun], slower: Sequence[MeasuredRun], draw: random.Random
) -> tuple[float, list[int]]:
    """In how many percent of cases the slower p95 is REGRESSED, and the numbers asked for.

    First one run of each is compared; then as many as that comparison asked for.
    """
    asked, found = [], 0
    for _ in range(COMPARISONS // 2):
        row = p95(compared(draw.sample(same, 1), draw.sample(slower, 1)))
        count = min(row.of_each or len(slower), len(same), len(slower))
        asked.append(count)
        again = p95(compared(draw.sample(same, count), draw.sample(slower, count)))
        found += again.outcome is Outcome.REGRESSED
    return 100 * found / len(asked), sorted(asked)


def figures() -> list[Figure]:
    """False alarms at two levels of noise, and the 5 % regression."""
    draw = random.Random(1)
    same, slower = measured(USUAL, 0, _HALF), measured(USUAL.regressed(0.05), 10_000, _HALF)
    noisy = measured(NOISY, 20_000, _HALF)
    told = []
    for name, pool in (("usual", same), ("noisy", noisy)):
        for of_each in (1, 5, 20):
            outcomes = identical(pool, of_each, draw)
            share = 100 * outcomes[Outcome.REGRESSED] / COMPARISONS
            how = f"{COMPARISONS} comparisons, {pool[0].steady_s:g} s a run: " + ", ".join(
                f"{count} {word}" for word, count in sorted(outcomes.items())
            )
            title = f"compare: identical runs REGRESSED, {of_each} of each, {name} noise"
            told.append(Figure(title, share, _MOST_FALSE, "%", how))
    found, asked = found_when_asked(same, slower, draw)
    middle = asked[len(asked) // 2]
    how = f"one of each asks for {middle} (median, {asked[0]} to {asked[-1]}); then so many of each"
    title = "compare: a p95 slower by 5 % is REGRESSED with the repeats that were asked for"
    told.append(Figure(title, found, _LEAST_FOUND, "%", how, at_least=True))
    return told


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
