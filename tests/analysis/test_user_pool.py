"""Open model: is the pool of users too small, or has the target slowed down?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.readers import read
from reli_analysis.validity import CHECKS
from reli_analysis.validity.user_pool import best_service_s
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import OpenModel, Script


def told(tmp_path: Path, script: Script, *, log: bool = True) -> Finding | None:
    path = synthetic.write(tmp_path / "run", script).path
    if not log:
        (path / "latency.hlog").unlink()
    return CHECKS.get("user pool")(read(path))


def service(
    before_ms: float, then_ms: float, from_s: int = 5
) -> Callable[[np.random.Generator, int, int], NDArray[np.float64]]:
    """About so many milliseconds, until something happens."""

    def times(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
        mean_ms = before_ms if second < from_s else then_ms
        return np.asarray(mean_ms * (0.9 + 0.2 * rng.random(count)))

    return times


def full_from(
    second: int, until: int = 10_000, offered: float = 1000.0
) -> dict[str, Callable[[int], float | None]]:
    """All 50 users busy for a while."""
    return {
        "busy_users": lambda s: 50.0 if second <= s < until else 20.0,
        "offered_per_s": lambda s: offered if s >= 5 else 100.0,
    }


def test_a_pool_that_no_answer_could_be_fast_enough_for_is_invalid(tmp_path: Path) -> None:
    """Little: 1,000 a second at 100 ms are 100 users at work, and there are 50."""
    script = Script(
        requests=lambda s: 500 if s >= 5 else 100,
        latencies_ms=service(100, 100),
        columns=full_from(5),
        open_model=OpenModel(),
    )
    finding = told(tmp_path, script)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.message.startswith("the pool of 50 users can carry at most 50")
    assert finding.message.endswith("the profile asks for 1000/s")
    assert "users: 150" in str(finding.evidence["advice"])


def test_a_target_that_slowed_down_is_not_the_pools_fault(tmp_path: Path) -> None:
    """At 10 ms the users would do; that answers take 100 ms is what the run is to show."""
    script = Script(
        requests=lambda s: 500 if s >= 5 else 100,
        latencies_ms=service(10, 100),
        columns=full_from(5),
        open_model=OpenModel(),
    )
    finding = told(tmp_path, script)
    assert finding is not None
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert "every user was busy in 100 % of the steady load" in finding.message
    assert "it is the target that slowed down" in finding.message


@pytest.mark.parametrize(("seconds", "verdict"), [(6, Verdict.INVALID), (4, Verdict.PASS)])
def test_a_pool_that_is_too_small_for_a_moment(
    tmp_path: Path, seconds: int, verdict: Verdict
) -> None:
    """What touches less than p95 speaks of is a warning."""
    script = Script(
        100,
        requests=lambda _s: 400,
        latencies_ms=service(100, 100),
        columns=full_from(20, 20 + seconds),
        open_model=OpenModel(),
    )
    finding = told(tmp_path, script)
    assert finding is not None
    assert (finding.verdict, finding.warning) == (verdict, verdict is Verdict.PASS)


def test_a_pool_with_room_passes(tmp_path: Path) -> None:
    """The closed model has no pool, and an open one with idle users nothing to say."""
    assert told(tmp_path / "closed", Script()) is None
    finding = told(tmp_path / "open", Script(open_model=OpenModel()))
    assert finding is not None
    assert (finding.verdict, finding.warning) == (Verdict.PASS, False)


def test_without_histograms_nobody_is_blamed(tmp_path: Path) -> None:
    """Columns alone do not tell how long an iteration takes at its best."""
    script = Script(columns=full_from(5), open_model=OpenModel())
    finding = told(tmp_path, script, log=False)
    assert finding is not None
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)
    assert "slowed down" not in finding.message


def test_the_best_is_seen_while_users_are_idle(tmp_path: Path) -> None:
    """A short quiet ramp counts, however long the target is overrun afterwards."""
    script = Script(
        600,
        requests=lambda s: 100 if s < 5 else 10,
        latencies_ms=service(20, 500),
        columns=full_from(5),
        open_model=OpenModel(),
    )
    best_s = best_service_s(read(synthetic.write(tmp_path / "run", script).path))
    assert best_s == pytest.approx(0.02, rel=0.05)
