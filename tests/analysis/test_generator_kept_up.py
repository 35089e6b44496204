"""Was the generator the bottleneck? Each sign on scripted runs, both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from reli_analysis.readers import read
from reli_analysis.validity import CHECKS
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import OpenModel, Script

Column = Callable[[int], float | None]


def told(tmp_path: Path, script: Script) -> Finding:
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = CHECKS.get("generator kept up")(run)
    assert finding is not None
    return finding


def outcome(finding: Finding) -> str:
    return "WARN" if finding.warning else finding.verdict.value


def in_some(seconds: int, value: float, usual: float) -> Column:
    """A column with another value in the first of the steady seconds."""
    return lambda second: value if 5 <= second < 5 + seconds else usual


@pytest.mark.parametrize(
    ("seconds", "cores", "budget", "says"),
    [
        (0, 0.94, "p95 < 1s", "WARN"),
        (0, 0.79, "p95 < 1s", "PASS"),
        (40, 0.96, "p95 < 1s", "INVALID"),  # a fifth of the time, though the median is calm
        (11, 0.96, "p95 < 1s", "INVALID"),
        (10, 0.96, "p95 < 1s", "WARN"),
        (3, 0.96, "p95 < 1s", "WARN"),
        (2, 0.96, "p95 < 1s", "PASS"),
        (3, 0.96, "p99 < 1s", "INVALID"),  # a higher percentile bears less
    ],
)
def test_cpu_of_a_load_process(
    tmp_path: Path, seconds: int, cores: float, budget: str, says: str
) -> None:
    """J084: saturated for more of the time than the claimed percentile bears is INVALID."""
    usual = 0.2 if seconds else cores
    columns = {"generator_cpu_cores": in_some(seconds, cores, usual)}
    finding = told(tmp_path, Script(200, columns=columns, info={"budgets": (budget,)}))
    assert outcome(finding) == says, finding.message
    assert ("--processes" in str(finding.evidence.get("advice"))) == (says != "PASS")


def test_a_core_that_others_took_is_a_core_that_was_missing(tmp_path: Path) -> None:
    """A load process that got 0.6 of a core and waited for the rest measured itself."""
    columns = {
        "generator_cpu_cores": lambda _s: 0.4,
        "generator_cpu_demand_cores": in_some(40, 0.99, 0.5),
    }
    finding = told(tmp_path, Script(200, columns=columns, info={"budgets": ("p95 < 1s",)}))
    assert outcome(finding) == "INVALID"
    assert "used 0.40 of its one core and waited for 0.59 more" in finding.message
    assert "host of their own" in str(finding.evidence["advice"])


def test_two_saturated_intervals_are_no_state(tmp_path: Path) -> None:
    """However high the percentile that is claimed, one moment does not undo a short run."""
    columns = {"generator_cpu_cores": in_some(2, 0.96, 0.2)}
    script = Script(40, columns=columns, info={"budgets": ("p99.9 < 1s",)})
    assert outcome(told(tmp_path, script)) == "WARN"


def test_a_burst_that_saturates_counts_by_its_requests(tmp_path: Path) -> None:
    """Five seconds of a hundred hold two thirds of the requests, so they are most of p95."""
    script = Script(
        100,
        requests=lambda second: 800 if 5 <= second < 10 else 20,
        columns={"generator_cpu_cores": in_some(5, 0.99, 0.2)},
    )
    finding = told(tmp_path, script)
    assert finding.verdict is Verdict.INVALID
    assert finding.observed == pytest.approx(4000 / 5900)


@pytest.mark.parametrize(
    ("lag_ms", "every_s", "says"),
    [
        (600.0, 4, "INVALID"),
        (60.0, 1, "INVALID"),
        (49.0, 1, "PASS"),  # between two probes
        (240.0, 5, "WARN"),
        (900.0, 100, "PASS"),  # one bad moment
    ],
)
def test_an_event_loop_that_stands_still(
    tmp_path: Path, lag_ms: float, every_s: int, says: str
) -> None:
    """The time for which the loop stood still is the part of the requests that it delayed."""
    columns = {"loop_lag_ms": lambda s: lag_ms if s % every_s == 0 else 1.0}
    finding = told(tmp_path, Script(100, columns=columns))
    assert outcome(finding) == says, finding.message


def test_a_moment_does_not_undo_a_short_run(tmp_path: Path) -> None:
    """Ten seconds of load with one pause of a second are believed; with more they are not."""
    for longest_ms, says in ((1000.0, "WARN"), (1100.0, "INVALID")):
        columns = {"loop_lag_ms": in_some(1, longest_ms, 1.0)}
        finding = told(tmp_path / says, Script(10, columns=columns))
        assert outcome(finding) == says


def test_one_bad_second_does_not_undo_an_hour(tmp_path: Path) -> None:
    """Saturated, late and starved for one second of an hour: the run is believed."""
    columns: dict[str, Column] = {
        "generator_cpu_cores": in_some(1, 1.0, 0.3),
        "loop_lag_ms": in_some(1, 1000.0, 2.0),
        "idle_start_delay_p99_ms": in_some(1, 1000.0, 0.2),
        "missed_samples": in_some(1, 1.0, 0.0),
    }
    script = Script(3600, columns=columns, open_model=OpenModel(), info={"budgets": ("p99 < 1s",)})
    assert outcome(told(tmp_path, script)) == "PASS"


def slow(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
    """A service that takes two to four seconds."""
    del second
    return np.asarray(2000 + 2000 * rng.random(count))


@pytest.mark.parametrize("model", [None, OpenModel(users=200)])
def test_a_slow_service_is_not_the_generators_fault(
    tmp_path: Path, model: OpenModel | None
) -> None:
    """Seconds of latency with idle load processes, whatever their milliseconds of lateness."""
    columns: dict[str, Column] = {"loop_lag_ms": lambda _s: 100.0}
    if model:
        columns["idle_start_delay_p99_ms"] = lambda _s: 100.0
    finding = told(tmp_path, Script(latencies_ms=slow, columns=columns, open_model=model))
    assert outcome(finding) == "PASS", finding.message


def late(share: float, late_ms: float) -> OpenModel:
    """A generator that begins a share of the iterations late."""

    def delays(rng: np.random.Generator, second: int, count: int) -> NDArray[np.float64]:
        del second
        return np.where(rng.random(count) < share, late_ms, 0.1)

    return OpenModel(delays_ms=delays)


@pytest.mark.parametrize(
    ("share", "late_ms", "says"),
    [(0.2, 30.0, "INVALID"), (0.02, 30.0, "WARN"), (0.2, 9.0, "PASS"), (0.0, 0.0, "PASS")],
)
@pytest.mark.parametrize("with_log", [True, False])
def test_late_starts_while_users_are_idle(
    tmp_path: Path, share: float, late_ms: float, says: str, *, with_log: bool
) -> None:
    """Late although a user was free is the generator; columns alone prove less, and never more."""
    script = Script(100, requests=lambda _s: 100, open_model=late(share, late_ms))
    path = synthetic.write(tmp_path / "run", script).path
    if not with_log:
        (path / "latency.hlog").unlink()
        says = "WARN" if says == "INVALID" else says
    finding = CHECKS.get("generator kept up")(read(path))
    assert finding is not None
    assert outcome(finding) == says, finding.message


def test_most_starts_late_is_proved_by_columns_alone(tmp_path: Path) -> None:
    """A median start delay above the limit means that half of the arrivals were late."""
    script = Script(100, requests=lambda _s: 100, open_model=late(0.9, 30.0))
    path = synthetic.write(tmp_path / "run", script).path
    (path / "latency.hlog").unlink()
    finding = CHECKS.get("generator kept up")(read(path))
    assert finding is not None
    assert finding.verdict is Verdict.INVALID


def test_waiting_for_a_user_is_not_lateness(tmp_path: Path) -> None:
    """With all users busy, start delays are waits for a user: another check speaks of them."""
    columns: dict[str, Column] = {
        "busy_users": lambda _s: 50.0,
        "idle_start_delay_p99_ms": lambda _s: 200.0,
    }
    script = Script(100, open_model=late(0.9, 500.0), columns=columns)
    assert outcome(told(tmp_path, script)) == "PASS"


@pytest.mark.parametrize(
    ("lag_ms", "every_s", "says"), [(1.0, 4, "WARN"), (None, 4, "INVALID"), (1.0, 40, "PASS")]
)
def test_missed_samples(tmp_path: Path, lag_ms: float | None, every_s: int, says: str) -> None:
    """A starved host is INVALID, unless event loops on time show that only the sampler was."""
    columns: dict[str, Column] = {
        "missed_samples": lambda s: 1.0 if s % every_s == 0 else 0.0,
        "loop_lag_ms": lambda _s: lag_ms,
    }
    assert outcome(told(tmp_path, Script(100, columns=columns))) == says


@pytest.mark.parametrize(
    ("column", "ratio", "says"),
    [
        ("generator_fds_ratio", 1.0, "INVALID"),
        ("generator_fds_ratio", 0.95, "WARN"),
        ("generator_fds_ratio", 0.8, "PASS"),
        ("sockets_ratio", 1.0, "WARN"),
        ("sockets_ratio", 0.5, "PASS"),
    ],
)
def test_full_tables(tmp_path: Path, column: str, ratio: float, says: str) -> None:
    """No descriptor left is INVALID; ports are shared by targets, so only their errors are."""
    finding = told(tmp_path, Script(columns={column: lambda _s: ratio}))
    assert outcome(finding) == says
    word = "ulimit -n" if column == "generator_fds_ratio" else "ip_local_port_range"
    assert (word in str(finding.evidence.get("advice"))) == (says != "PASS")


@pytest.mark.parametrize(
    ("error", "text", "count", "says"),
    [
        ("OSError", "[Errno 24] Too many open files", 40, "INVALID"),
        ("ConnectError", "Too many open files", 40, "INVALID"),
        ("ConnectionError", "... [Errno 99] Cannot assign requested address", 2, "INVALID"),
        ("OSError", "[Errno 105] No buffer space available", 2, "INVALID"),
        ("RuntimeError", "can't start new thread", 2, "INVALID"),
        ("OSError", "[Errno 24] Too many open files", 1, "WARN"),
        ("HTTPError", "500: Too many open files", 40, "PASS"),
        ("ConnectionRefusedError", "[Errno 111] Connection refused", 40, "PASS"),
    ],
)
def test_errors_of_the_loads_own_host(
    tmp_path: Path, error: str, text: str, count: int, says: str
) -> None:
    """What the generator's own tables refuse is told from what the target answers."""
    finding = told(tmp_path, Script(errors=((error, text, count),)))
    assert outcome(finding) == says, finding.message


def test_every_reason_is_told(tmp_path: Path) -> None:
    """All signs at once, the grave ones first, each with what to change."""
    columns: dict[str, Column] = {
        "generator_cpu_cores": lambda _s: 0.99,
        "loop_lag_ms": lambda _s: 700.0,
        "sockets_ratio": lambda _s: 0.97,
    }
    script = Script(columns=columns, errors=(("OSError", "[Errno 24] Too many open files", 99),))
    finding = told(tmp_path, script)
    assert finding.verdict is Verdict.INVALID
    signs = ("one core", "stood still", "Too many open files", "TCP sockets", "the generator's own")
    assert all(sign in finding.message for sign in signs)
    assert finding.message.index("Too many open files") < finding.message.index("TCP sockets")
    advice = str(finding.evidence["advice"])
    assert all(word in advice for word in ("--processes", "ulimit -n", "ip_local_port_range"))
    assert advice.count("--processes") == 1, "once"


def test_the_drain_is_no_load(tmp_path: Path) -> None:
    """A generator that is busy only after the load's end bothered nobody."""
    columns = {"generator_cpu_cores": lambda s: 1.0 if s >= 65 else 0.2}
    script = Script(60, cool_down_s=0, drain_s=30, open_model=OpenModel(), columns=columns)
    assert outcome(told(tmp_path, script)) == "PASS"
