"""Budgets on columns and metrics: levels, counters, ratios, growth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reli_analysis.budgets.functions.metric import increments
from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import MIB, Life, Script

if TYPE_CHECKING:
    from collections.abc import Callable

METRICS = (
    MetricSpec("spans_created", "counter", "spans that began"),
    MetricSpec("spans_dropped", "counter", "spans that were dropped"),
    MetricSpec("drop_ratio", "ratio", "part dropped", "ratio", "spans_dropped", "spans_created"),
    MetricSpec("queue_fill", "gauge", "how full the queue is", "ratio"),
)


def run_of(
    tmp_path: Path, script: Script | None = None, **columns: Callable[[int], float | None]
) -> Run:
    script = script or Script(columns=columns, metrics=METRICS)
    return read(synthetic.write(tmp_path / "run", script).path)


def test_levels_are_those_of_the_steady_window(tmp_path: Path) -> None:
    """Largest, smallest and mean leave warm-up and cool-down out; ``last`` is the run's last."""
    run = run_of(tmp_path, rss_bytes=lambda s: (999 if s < 5 else 777 if s > 64 else s) * MIB)
    assert ask(run, "max rss < 65MiB").observed == 64 * MIB
    assert ask(run, "min rss > 4MiB").observed == 5 * MIB
    assert ask(run, "mean rss < 1GiB").observed == 34.5 * MIB
    assert ask(run, "last rss < 1GiB").observed == 777 * MIB
    assert ask(run, "rss < 65MiB").observed == 64 * MIB
    assert ask(run, "rss > 5MiB").observed == 5 * MIB
    assert ask(run, "max rss < 64MiB").verdict is Verdict.FAIL
    assert ask(run, "max rss < 60MiB, critical 65MiB").warning
    assert ask(run, "max rss < 65MiB").evidence["at_s"] == 64.0


def test_a_gauge_is_judged_by_its_worst_steady_value(tmp_path: Path) -> None:
    """J026: one full moment breaks the limit; and windows look at the mean."""
    run = run_of(tmp_path, queue_fill=lambda s: 0.95 if s == 33 else 0.2)
    finding = ask(run, "queue_fill < 90%")
    assert (finding.verdict, finding.observed) == (Verdict.FAIL, 0.95)
    assert finding.evidence["at_s"] == 33.0
    assert ask(run, "queue_fill < 90% over 10s").observed == pytest.approx((9 * 0.2 + 0.95) / 10)


def test_a_counter_is_judged_by_its_increase_over_the_run(tmp_path: Path) -> None:
    """Warm-up and drain count, and a restart of the counter loses nothing."""
    run = run_of(
        tmp_path,
        spans_dropped=lambda s: float(s if s < 40 else s - 40),
        spans_created=lambda s: None if s % 2 else 10.0 * s,
    )
    assert ask(run, "spans_dropped < 100").observed == 39 + 29
    assert ask(run, "spans_created > 100").observed == 680.0
    assert ask(run, "spans_created < 300 over 10s").observed == pytest.approx(100.0)
    assert increments(np.array([3.0, 5.0, 1.0, 4.0])).tolist() == [3.0, 2.0, 1.0, 3.0]


def test_a_ratio_is_judged_at_the_end_of_the_whole_run(tmp_path: Path) -> None:
    """J025, J102: what was on its way during the load has arrived by then."""
    run = run_of(
        tmp_path,
        spans_created=lambda s: 100.0 * min(s, 65),
        spans_dropped=lambda s: 50.0 if s > 66 else 0.0,
        drop_ratio=lambda s: 50 / 6500 if s > 66 else 0.5,
    )
    finding = ask(run, "drop_ratio < 1%")
    assert finding.verdict is Verdict.PASS
    assert finding.observed == pytest.approx(50 / 6500)
    assert "50 spans_dropped of 6,500 spans_created" in finding.message
    assert ask(run, "drop_ratio < 0.1%").verdict is Verdict.FAIL
    assert ask(run, "drop_ratio < 0.1% over 10s").observed == 0.0


def test_an_unknown_name_is_inconclusive_and_names_the_nearest(tmp_path: Path) -> None:
    """A typing error never passes, whatever the function."""
    run = run_of(tmp_path, queue_fill=lambda _s: 0.1)
    for text in ("queue_fil < 90%", "max queue_fil < 90%", "growth queue_fil < 9%"):
        finding = ask(run, text)
        assert finding.verdict is Verdict.INCONCLUSIVE
        assert "queue_fill" in finding.message
    assert ask(run, "no leak in queue_fil").verdict is Verdict.INCONCLUSIVE
    assert ask(run, "MAX Queue_Fill < 90%").verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (lambda _s: None, "never measured"),
        (lambda s: 1.0 if s == 30 else None, "too rare"),
        (lambda s: 1.0 if s < 40 else None, "too rare"),
        (lambda s: 1.0 if s in {6, 7, 8} else None, "too rare"),
    ],
    ids=["none", "one", "the end is missing", "only the beginning"],
)
def test_what_was_hardly_watched_does_not_pass(
    tmp_path: Path, column: Callable[[int], float | None], reason: str
) -> None:
    """A level passes only when the window was watched; but one bad value is enough to fail."""
    run = run_of(tmp_path, queue_fill=column)
    finding = ask(run, "max queue_fill < 200%")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert reason in finding.message
    assert ask(run, "mean queue_fill < 200%").verdict is Verdict.INCONCLUSIVE
    if reason != "never measured":
        assert ask(run, "max queue_fill < 50%").verdict is Verdict.FAIL


@pytest.mark.parametrize(("seconds", "verdict"), [(4, "INCONCLUSIVE"), (5, "PASS")])
def test_a_level_needs_five_samples(tmp_path: Path, seconds: int, verdict: str) -> None:
    """However short the window."""
    run = read(synthetic.write(tmp_path / "run", Script(steady_s=seconds)).path)
    assert ask(run, "max rss < 1GiB").verdict == verdict


def test_rare_but_regular_samples_are_enough(tmp_path: Path) -> None:
    """USS is read rarely by design."""
    run = run_of(tmp_path, uss_bytes=lambda s: 50 * MIB if s % 10 == 0 else None)
    assert ask(run, "max uss < 60MiB").verdict is Verdict.PASS


def test_a_stale_last_value_does_not_count(tmp_path: Path) -> None:
    """A metric that stopped long before the end is not the end's value."""
    run = run_of(tmp_path, drop_ratio=lambda s: 0.0 if s < 30 else None)
    assert "before the run's end" in ask(run, "drop_ratio < 1%").message
    assert ask(run, "last drop_ratio < 1%").verdict is Verdict.INCONCLUSIVE


def test_growth_compares_both_ends(tmp_path: Path) -> None:
    """J024: medians of the first and last tenth, so that a single spike moves nothing."""
    run = run_of(tmp_path, rss_bytes=lambda s: (900 if s == 64 else 100 + s) * MIB)
    finding = ask(run, "growth rss < 100MiB")
    assert finding.verdict is Verdict.PASS
    assert finding.observed == pytest.approx((161.5 - 107.5) * MIB, abs=MIB)
    assert ask(run, "growth rss < 20MiB, critical 50MiB").verdict is Verdict.FAIL
    assert ask(run, "growth rss > 20MiB").verdict is Verdict.PASS


def test_growth_needs_samples_and_never_crosses_a_restart(tmp_path: Path) -> None:
    """Fewer than twenty samples decide nothing; a new process is a new beginning."""
    short = read(synthetic.write(tmp_path / "short", Script(steady_s=19)).path)
    assert "needs at least 20" in ask(short, "growth rss < 50MiB").message
    script = Script(
        steady_s=100,
        columns={"rss_bytes": lambda s: (100.0 if s < 75 else 900.0) * MIB},
        lives=(Life(1, 0, 74), Life(2, 75, 109)),
    )
    finding = ask(read(synthetic.write(tmp_path / "restart", script).path), "growth rss < 1MiB")
    assert finding.verdict is Verdict.PASS
    assert "longest of 2 lives: the target restarted" in finding.message


def test_windows_of_a_gauge_need_samples(tmp_path: Path) -> None:
    """A window with less than half of its samples is not judged."""
    run = run_of(tmp_path, queue_fill=lambda s: None if 20 <= s < 30 else 0.1)
    assert ask(run, "queue_fill < 90% over 10s").verdict is Verdict.INCONCLUSIVE
    assert ask(run, "queue_fill < 90% over 30s").verdict is Verdict.PASS
    assert ask(run, "queue_fill < 5% over 10s").verdict is Verdict.FAIL
