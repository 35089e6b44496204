"""The time to recover from a fault, on runs whose truth is scripted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.readers import read
from reli_analysis.series import Run
from reli_analysis.verdict import Verdict
from support import synthetic
from support.judging import ask
from support.synthetic import Script

END_S = 125
"""When the fault is over; the service may be slow for longer."""


def run_of(
    path: Path, slow_until_s: int, *, steady_s: int = 240, failing_until_s: int = 0, silent: int = 0
) -> Run:
    """A fault of 30 s after 90 s of steady load; what it leaves lasts until the given seconds."""

    def latencies(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
        factor = 5.0 if 95 <= second < slow_until_s else 1.0
        return np.asarray(factor * 2.0 * np.exp(0.5 * rng.standard_normal(count)))

    script = Script(
        steady_s=steady_s,
        fault=range(95, END_S),
        latencies_ms=latencies,
        requests=lambda second: 0 if END_S <= second < END_S + silent else 40,
        failures=lambda second: 20 if 95 <= second < failing_until_s else 0,
    )
    return read(synthetic.write(path / "run", script).path)


@pytest.mark.parametrize("slow_s", [0, 12, 47])
def test_it_is_the_time_until_p95_is_back(tmp_path: Path, slow_s: int) -> None:
    """Known to within two seconds, and held against the limit."""
    run = run_of(tmp_path, END_S + slow_s)
    finding = ask(run, "recovery < 1m")
    assert finding.verdict is Verdict.PASS
    assert finding.observed == pytest.approx(slow_s, abs=2)
    assert finding.unit == "s"
    (one,) = finding.evidence["recoveries"]
    assert (one["fault_end_s"], one["watched_s"]) == (125.0, 120.0)
    assert ask(run, "recovery < 10s").verdict is (Verdict.FAIL if slow_s > 10 else Verdict.PASS)


def test_failures_count_as_much_as_latency(tmp_path: Path) -> None:
    """Fast answers that are errors are no recovery."""
    run = run_of(tmp_path, END_S, failing_until_s=END_S + 20)
    assert ask(run, "recovery < 1m").observed == pytest.approx(20, abs=2)


def test_a_silent_service_is_not_back(tmp_path: Path) -> None:
    """Without answers nothing is fast."""
    run = run_of(tmp_path, END_S, silent=25)
    observed = ask(run, "recovery < 1m").observed
    assert observed is not None
    assert 15 <= observed <= 26


def test_what_never_comes_back_fails(tmp_path: Path) -> None:
    """As soon as it was watched for the limit, and the 30 s for which it has to stay."""
    run = run_of(tmp_path, 999)
    finding = ask(run, "recovery < 1m")
    assert (finding.verdict, finding.observed) == (Verdict.FAIL, 90.0)
    assert "takes longer than 1 min 30 s" in finding.message
    assert ask(run, "recovery < 2m").verdict is Verdict.INCONCLUSIVE


def test_a_relapse_is_no_recovery(tmp_path: Path) -> None:
    """Good for twenty seconds and slow again is not over."""

    def latencies(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
        slow = 95 <= second < 125 or 145 <= second < 155
        return np.asarray((5.0 if slow else 1.0) * 2 * np.exp(0.5 * rng.standard_normal(count)))

    script = Script(
        steady_s=240,
        fault=range(95, 125),
        latencies_ms=latencies,
        requests=lambda _second: 40,
    )
    run = read(synthetic.write(tmp_path / "run", script).path)
    assert ask(run, "recovery < 1m").observed == pytest.approx(30, abs=2)


def test_without_a_fault_or_a_level_before_it_nothing_is_known(tmp_path: Path) -> None:
    """INCONCLUSIVE, with what to do."""
    calm = ask(read(synthetic.write(tmp_path / "calm", Script()).path), "recovery < 1m")
    assert calm.verdict is Verdict.INCONCLUSIVE
    assert "no fault window" in calm.message
    early = Script(steady_s=240, fault=range(35, 65))
    finding = ask(read(synthetic.write(tmp_path / "early", early).path), "recovery < 1m")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "no level to come back to" in finding.message
    short = ask(run_of(tmp_path / "short", END_S, steady_s=135), "recovery < 1m")
    assert short.verdict is Verdict.INCONCLUSIVE
    assert "watched for 15 s" in short.message
