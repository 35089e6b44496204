"""How often ``no drift in`` is right on scripted series: the table of docs/verdicts.md.

python benchmarks/drift_table.py [seeds a kind, 40 unless told]
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from drift_corpus import BASE, CLEAN, DRIFTING, MATTERS, VISIBLE_Z, scripted
from drift_rivals import RIVALS, medians

from reli_analysis.budgets import parse
from reli_analysis.budgets.evaluate import evaluate
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from drift_corpus import Scripted

    from reli_analysis.verdict import Finding

SEEDS = 40
HALF = "test"
OURS = "**reli**"
_PERSISTENT = 1.5
_INTERVALS = 3


@dataclass(frozen=True)
class Asked:
    """One series with every detector's answer; ``steps`` are those told: at, low, high."""

    kind: str
    law: str
    interval_s: float
    change: float
    z: float
    truth_s: tuple[float, ...]
    verdict: str
    interval: tuple[float, float]
    steps: tuple[tuple[float, float, float], ...]
    fails: dict[str, bool]
    took_s: float

    @property
    def drifts(self) -> bool:
        return self.kind in DRIFTING

    @property
    def visible(self) -> bool:
        """Whether a fit that knows the shape sees a change that matters beyond doubt."""
        return self.drifts and self.z >= VISIBLE_Z and self.change >= _PERSISTENT * MATTERS


def ask(kind: str, half: str, seed: int) -> Asked:
    """Judges one scripted series, as a column of a run without windows."""
    series = scripted(kind, half, seed)
    began = time.perf_counter()
    finding = _finding(series)
    took_s = time.perf_counter() - began
    low, high = finding.evidence["interval"]
    found = finding.evidence["changes"]
    levels = medians(series)
    return Asked(
        kind,
        series.law,
        series.interval_s,
        series.change,
        series.z,
        series.steps_s,
        finding.verdict.value,
        (low / BASE, high / BASE),
        tuple((c["at_s"], c["low_s"], c["high_s"]) for c in found),
        {name: fails(levels) for name, fails in RIVALS.items()},
        took_s,
    )


def _finding(series: Scripted) -> Finding:
    column = Series("p95_ms", "ms", series.elapsed_s, series.values)
    run = Run("scripted", Path("scripted"), {"p95_ms": column}, interval_s=series.interval_s)
    return evaluate(parse('no drift in "p95_ms"'), run)[0]


def table(asked: list[Asked]) -> str:
    """Every detector side by side, on the same series."""
    clean = [one for one in asked if not one.drifts]
    seen = [one for one in asked if one.visible]
    rows = ["| Detector | False alarms | Recall | Clean called drift-free | Drift called clean |"]
    rows.append("|---|---|---|---|---|")
    for name in RIVALS:
        false, found = (np.mean([one.fails[name] for one in part]) for part in (clean, seen))
        rows.append(f"| {name} | {false:.3f} | {found:.3f} | {1 - false:.3f} | {1 - found:.3f} |")
    false = np.mean([one.verdict == "FAIL" for one in clean])
    found = np.mean([one.verdict == "FAIL" for one in seen])
    passed = np.mean([one.verdict == "PASS" for one in clean])
    wrong = np.mean([one.verdict == "PASS" for one in seen])
    rows.append(f"| {OURS} | {false:.3f} | {found:.3f} | {passed:.3f} | {wrong:.3f} |")
    return "\n".join(rows)


def kinds(asked: list[Asked]) -> str:
    """What reli says of each kind."""
    rows = ["| Kind | Series | FAIL | PASS | INCONCLUSIVE |", "|---|---|---|---|---|"]
    for kind in [*CLEAN, *DRIFTING]:
        of = [one for one in asked if one.kind == kind and (one.visible or not one.drifts)]
        shares = (
            float(np.mean([one.verdict == v for one in of])) if of else 0.0
            for v in ("FAIL", "PASS", "INCONCLUSIVE")
        )
        rows.append(f"| {kind} | {len(of)} | " + " | ".join(f"{s:.2f}" for s in shares) + " |")
    return "\n".join(rows)


def moments(asked: list[Asked]) -> str:
    """How far from the truth the moments of steps are, in intervals of the series."""
    errors, held = [], []
    for one in asked:
        if not one.visible:
            continue
        for truth_s in one.truth_s:
            near = min(one.steps, key=lambda step: abs(step[0] - truth_s), default=None)
            if near is None:
                continue
            errors.append(abs(near[0] - truth_s) / one.interval_s)
            held.append(near[1] <= truth_s <= near[2])
    steady = [one for one in asked if one.kind in {"flat", "wave", "peaks", "sawtooth"}]
    covered = [
        one.interval[0] <= one.change <= one.interval[1]
        for one in asked
        if one.kind in {"flat", "wave", "sawtooth", "slow", "step of 20 %", "two steps"}
    ]
    within = np.mean(np.array(errors) <= _INTERVALS)
    far = f"{np.median(errors):.0f} and {np.quantile(errors, 0.9):.0f}"
    told = np.mean([bool(one.steps) for one in steady])
    rows = {
        f"steps found within {_INTERVALS} intervals of the truth, of {len(errors)}": f"{within:.2f}",
        "median and 90th percentile of that distance, in intervals": far,
        "moments inside their 95 % interval": f"{np.mean(held):.2f}",
        f"steady series with a step told, of {len(steady)}": f"{told:.3f}",
        f"changes inside their 95 % interval, of {len(covered)}": f"{np.mean(covered):.2f}",
    }
    told_rows = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join(["| Figure | Measured |", "|---|---|", *told_rows])


def main() -> None:
    """All kinds under all seeds, on every core."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    half = sys.argv[2] if len(sys.argv) > 2 else HALF
    jobs = [(kind, half, seed) for kind in (*CLEAN, *DRIFTING) for seed in range(seeds)]
    with Pool(os.cpu_count()) as pool:
        asked = pool.starmap(ask, jobs, chunksize=4)
    print(table(asked), kinds(asked), moments(asked), sep="\n\n")
    took_ms = 1000 * float(np.median([one.took_s for one in asked]))
    print(f"\n{len(asked)} series, {took_ms:.0f} ms each")


if __name__ == "__main__":
    main()
