"""Budgets as they stand come to the same numbers as the analysis of the finished record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli.standings import MEASURES
from reli_analysis.budgets import VOCABULARY
from reli_analysis.readers import read
from reli_analysis.record import MetricSpec
from reli_analysis.verdict import Finding
from support import synthetic
from support.judging import ask
from support.replay import last_standings
from support.synthetic import OpenModel, Script

BUDGETS = {
    "pNN": (
        "p95 < 250ms",
        "p50 < 1ms",
        "p99.9 < 3ms, critical 1s",
        "p95 < 4ms over 7s",
        "p50 > 1ms over 2500ms",
        'p95 of "GET /a" < 250ms',
        'p90 of "/*" < 250ms',
        'p50 of "GET /b" < 2ms over 30s',
        "p95 < 250ms in fault",
        "p95 < 4ms over 7s in fault",
        "p95 < 250ms in warm-up",
    ),
    "service_pNN": ("service_p99 < 1s", "service_p50 < 1ms", "service_p95 < 4ms over 7s"),
    "mean": ("mean < 50ms", 'mean of "/b" < 1ms'),
    "max_latency": ("max_latency < 2s", 'max_latency of "GET /a" < 2s'),
    "error_ratio": (
        "error_ratio < 1%",
        'error_ratio of "/a" < 50%',
        'error_ratio of "*" < 50%',
        "error_ratio < 40% over 10s",
        "error_ratio < 40% over 2500ms",
        'error_ratio of "/a" < 90% over 20s',
        "error_ratio < 1% in fault",
        'error_ratio of "/a" < 1% in cool-down',
    ),
    "errors": (
        'errors of "OSError" < 1%',
        'errors of "*" < 1%',
        'errors of "*" of "GET /a" < 90%',
        'errors of "TimeoutError" < 1%',
    ),
    "recovery": ("recovery < 30s",),
    "availability": (
        "availability > 99.9%",
        'availability of "GET /b" > 99%',
        "availability > 70% over 10s",
    ),
    "dropped_ratio": ("dropped_ratio < 0.1%", "dropped_ratio < 50% over 10s"),
    "throughput": (
        "throughput > 50/s",
        "throughput < 1000/s",
        'throughput of "/a" > 1/s',
        "throughput > 19/s over 10s",
        'throughput of "GET /*" > 19/s over 20s',
        'throughput of "ARRIVAL*" > 19/s',
    ),
    "NAME": (
        "rss < 512MiB",
        "users >= 10",
        "hits < 100000",
        "hit_ratio > 1%",
        "level < 1 over 5s",
        "level > 1 over 2500ms",
        "hits < 300 over 5s",
        "hit_ratio < 90% over 5s",
        "LEVEL < 2",
        "hits < 100 in fault",
        "hit_ratio < 1% in fault",
        "level < 1 in fault",
    ),
    "max NAME": ("max rss < 512MiB", "max level < 1", "max waiting < 3"),
    "mean NAME": ("mean cpu < 0.8", "mean level < 1"),
    "min NAME": ("min users >= 10", "min level > 1"),
    "last NAME": ("last level <= 0", "last hits < 5"),
    "growth NAME": ("growth rss < 50MiB", "growth level < 1"),
    "no leak in": ("no leak in rss, fds, threads",),
    "no drift in": ("no drift in p95",),
}
"""Budgets of each function, with every option that it takes."""


def bursts(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """Around 2 ms, slowly growing, and twenty times as much for three seconds."""
    slow = 20.0 if 30 <= second < 33 else 1.0
    return np.asarray((2.0 + second / 50) * slow * np.exp(0.5 * rng.standard_normal(count)))


def level(second: int) -> float | None:
    """A wave that is not measured every fifth second."""
    return None if second % 5 == 4 else 2 + float(np.sin(second / 3)) + second / 100


def hits(second: int) -> float:
    """A counter that begins again at second 40."""
    return 7.0 * (second + 1 if second < 40 else second - 39)


CLOSED = Script(
    steady_s=67,
    requests=lambda second: 100 if second % 7 else 80,
    failures=lambda second: 5 * (second % 3) + (60 if 40 <= second < 44 else 0),
    latencies_ms=bursts,
    endpoints=(("GET", "/a"), ("GET", "/b"), ("POST", "/a[id]")),
    columns={
        "level": level,
        "hits": hits,
        "calls": lambda second: 20.0 * (second + 1),
        "hit_ratio": lambda second: hits(second) / (20.0 * (second + 1)),
        "rss_bytes": lambda second: 1e8 + 1e6 * second + (5e6 if second > 70 else 0),
    },
    metrics=(
        MetricSpec("level", "gauge", "a wave"),
        MetricSpec("hits", "counter", "calls that hit"),
        MetricSpec("calls", "counter", "all calls"),
        MetricSpec("hit_ratio", "ratio", "hits by calls", "ratio", "hits", "calls"),
    ),
)
OPEN = replace(
    CLOSED,
    open_model=OpenModel(dropped=lambda second: 4 if 20 <= second < 30 or second > 75 else 0),
    cool_down_s=0,
    drain_s=9,
)
GAPS = replace(CLOSED, missing=frozenset({11, 12, 13, 33, 50}))
FAULT = replace(CLOSED, fault=range(25, 39))
SCRIPTS = {"closed": CLOSED, "open with a drain": OPEN, "gaps": GAPS, "fault": FAULT}

AFTERWARDS = {"no leak in", "no drift in", "recovery"}
"""Functions that say nothing before the run has ended."""


@pytest.fixture(scope="module", params=SCRIPTS)
def record(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of each kind of run."""
    directory = tmp_path_factory.mktemp("runs") / "run"
    return synthetic.write(directory, SCRIPTS[request.param]).path


def test_every_function_has_a_standing() -> None:
    """A function of the vocabulary without a measure, or without a budget here, is missing."""
    assert set(MEASURES) == set(VOCABULARY) == set(BUDGETS)


@pytest.mark.parametrize("function", BUDGETS)
def test_the_last_standing_is_what_the_analysis_observes(function: str, record: Path) -> None:
    """Wherever the analysis observes a number, the budget stands at that number in the end."""
    run = read(record)
    last = last_standings(record, BUDGETS[function])
    for budget in BUDGETS[function]:
        if function in AFTERWARDS:
            assert last[budget].standing == "unknown"
            continue
        finding, standing = ask(run, budget), last[budget]
        if finding.observed is None:
            assert standing.standing == "unknown" or "too little data" in finding.message
            continue
        assert standing.observed == pytest.approx(finding.observed, rel=1e-7), budget
        assert standing.unit == finding.unit
        assert standing.limit == finding.limit
        assert standing.standing == expected(finding), budget


def expected(finding: Finding) -> str:
    """The standing that belongs to a finding with a number."""
    if finding.verdict.exit_code == 1:
        return "broken"
    return "warns" if finding.warning else "holds"
