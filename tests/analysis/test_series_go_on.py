"""What is judged must have been measured to the end, and be a measurement at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from reli_analysis.readers import read
from reli_analysis.validity import CHECKS
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import MIB, OpenModel, Script

Value = Callable[[int], float | None]


def _check(name: str, tmp_path: Path, script: Script, *asked: str) -> Finding | None:
    run = read(synthetic.write(tmp_path / "run", script).path)
    return CHECKS.get(name)(replace(run, asked=asked))


def _table(tmp_path: Path, lines: list[str], name: str, *asked: str) -> Finding | None:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return CHECKS.get(name)(replace(read(path), asked=asked))


@pytest.mark.parametrize(
    ("rss", "verdict"),
    [
        (lambda s: 1e8 if s < 40 else None, Verdict.INCONCLUSIVE),
        (lambda s: 1e8 if s < 60 else None, None),
        (lambda s: 1e8 if s % 7 == 0 else None, None),
        (lambda s: 1e8 if s % 25 == 0 else None, None),
        (lambda _s: None, None),
        (lambda s: 1e8 if s in {6, 7} else None, None),
    ],
)
def test_a_column_that_stops(tmp_path: Path, rss: Value, verdict: Verdict | None) -> None:
    """A fifth of the steady minute without it is too much, unless it is seldom measured anyway."""
    found = _check("series go on", tmp_path, Script(columns={"rss_bytes": rss}), "max rss < 1GiB")
    assert (found and found.verdict) == verdict
    if found:
        assert "rss_bytes stopped at 40 s, 25 s before the end" in found.message


def test_a_column_that_nobody_asks_for_is_a_warning(tmp_path: Path) -> None:
    """It stands in the report, and no budget hangs on it."""
    script = Script(columns={"fds": lambda s: 20.0 if s < 30 else None})
    found = _check("series go on", tmp_path, script, "p95 < 1s")
    assert found is not None
    assert (found.verdict, found.warning) == (Verdict.PASS, True)


def test_answers_that_stop_are_told_whatever_is_asked(tmp_path: Path) -> None:
    """A service that hangs breaks no latency; nobody could know how it fares."""
    hanging = Script(requests=lambda s: 20 if s < 30 else 0)
    found = _check("series go on", tmp_path, hanging, "p95 < 1s")
    assert found is not None
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "answers stopped at 30 s" in found.message


def test_a_pause_of_the_load_is_no_silence(tmp_path: Path) -> None:
    """Where nothing was offered nothing can be answered."""
    script = Script(
        requests=lambda s: 20 if s < 30 else 0,
        columns={"offered_per_s": lambda s: 20.0 if s < 30 else 0.0},
    )
    assert _check("series go on", tmp_path, script, "p95 < 1s") is None


@pytest.mark.parametrize(
    ("column", "value", "budget", "verdict"),
    [
        ("rss_bytes", 0.0, "max rss < 1GiB", Verdict.INVALID),
        ("threads", -1.0, "max threads < 100", Verdict.INVALID),
        ("fds", -1.0, "max fds < 100", Verdict.INVALID),
        ("fds", 0.0, "max fds < 100", None),
        ("rss_bytes", 100 * MIB, "max rss < 1GiB", None),
    ],
)
def test_what_cannot_be_is_no_measurement(
    tmp_path: Path, column: str, value: float, budget: str, verdict: Verdict | None
) -> None:
    """A living process has memory and threads; a count is never negative."""
    script = Script(columns={column: lambda _s: value})
    found = _check("plausible", tmp_path, script, budget)
    assert (found and found.verdict) == verdict
    if verdict:
        (tmp_path / "b").mkdir()
        unasked = _check("plausible", tmp_path / "b", script, "p95 < 1s")
        assert unasked is not None
        assert (unasked.verdict, unasked.warning) == (Verdict.PASS, True)


def test_runs_of_every_kind_are_plausible(tmp_path: Path) -> None:
    """Both files agree about the mean, with drops and a drain too, and percentiles ascend."""
    for number, script in enumerate(
        (
            Script(),
            Script(open_model=OpenModel(dropped=lambda s: s % 3), drain_s=5, cool_down_s=0),
            Script(requests=lambda s: 1 if s % 9 == 0 else 0),
            Script(missing=frozenset(range(20, 30))),
        )
    ):
        home = tmp_path / str(number)
        home.mkdir()
        assert _check("plausible", home, script, "p95 < 1s") is None


def test_a_foreign_placeholder(tmp_path: Path) -> None:
    """-1 throughout is what a sampler writes that could not read."""
    lines = ["time,queue,depth", *(f"{n},-1,{-1 if n % 2 else 3}" for n in range(50))]
    found = _table(tmp_path, lines, "plausible", "max queue < 5")
    assert found is not None
    assert found.verdict is Verdict.INVALID
    assert "queue is -1 throughout" in found.message
    assert "depth" not in found.message


@pytest.mark.parametrize(
    ("back_s", "verdict"), [(0, None), (5, Verdict.PASS), (30, Verdict.INCONCLUSIVE)]
)
def test_a_clock_that_was_set_back(tmp_path: Path, back_s: float, verdict: Verdict | None) -> None:
    """Moments that are there twice: few are a warning, many leave nothing to be believed."""
    times = (n if n < 150 else n - back_s for n in range(300))
    found = _table(tmp_path, ["time,x", *(f"{t},1" for t in times)], "clock")
    assert (found and found.verdict) == verdict
    assert found is None or found.warning is (verdict is Verdict.PASS)


def test_uneven_rows_are_no_clock_that_was_set(tmp_path: Path) -> None:
    """Who samples when something happens writes rows close together."""
    times = (n * 1.0 + (0.9 if n % 3 else 0.0) for n in range(100))
    assert _table(tmp_path, ["time,x", *(f"{t},1" for t in times)], "clock") is None


@pytest.mark.parametrize(
    ("steady_s", "verdict"),
    [(4, Verdict.INCONCLUSIVE), (5, Verdict.PASS), (29, Verdict.PASS), (30, None)],
)
def test_too_short(tmp_path: Path, steady_s: int, verdict: Verdict | None) -> None:
    """A moment says nothing of the next one; half a minute is the least without a warning."""
    script = Script(steady_s=steady_s, requests=lambda _s: 500)
    found = _check("long enough", tmp_path, script, "p95 < 1s")
    assert (found and found.verdict) == verdict
    assert found is None or found.warning is (verdict is Verdict.PASS)


@pytest.mark.parametrize(
    ("failures", "asked", "verdict", "warning"),
    [
        (20, "p95 < 1s", Verdict.INVALID, False),
        (20, "error_ratio < 1%", Verdict.PASS, False),
        (20, 'errors of "*" < 1%', Verdict.PASS, False),
        (12, "p95 < 1s", Verdict.PASS, True),
        (5, "p95 < 1s", Verdict.PASS, False),
    ],
)
def test_runs_that_failed(
    tmp_path: Path, failures: int, asked: str, verdict: Verdict, *, warning: bool
) -> None:
    """Failures are often fast: when they are all there is, their latencies say nothing."""
    script = Script(failures=lambda _s: failures)
    found = _check("measured anything", tmp_path, script, asked)
    assert found is not None
    assert (found.verdict, found.warning) == (verdict, warning)
