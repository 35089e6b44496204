"""Was it the target that answered? Nobody answers without any CPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reli_analysis.readers import read
from reli_analysis.series import Run
from reli_analysis.validity import CHECKS
from reli_analysis.verdict import Finding, Verdict
from support import synthetic
from support.synthetic import Script, Tree

TREES = (Tree("name:service", ((0, 69),)),)


def _check(
    tmp_path: Path, cores: float | None, rate: int = 200, **script: object
) -> Finding | None:
    changes: dict[str, object] = {
        "requests": lambda _s: rate,
        "trees": TREES,
        "columns": {"cpu_cores": lambda _s: cores},
    }
    made = replace(Script(), **(changes | script))  # type: ignore[arg-type]  # fields by name
    run: Run = read(synthetic.write(tmp_path / "run", made).path)
    return CHECKS.get("target at work")(replace(run, asked=("no leak in rss",)))


def test_a_target_that_works_is_told(tmp_path: Path) -> None:
    """Its CPU for each answer is a number worth knowing."""
    finding = _check(tmp_path, 0.3)
    assert finding is not None
    assert (finding.verdict, finding.warning) == (Verdict.PASS, False)
    assert "1.5 ms of CPU for each answer" in finding.message


@pytest.mark.parametrize(
    ("cores", "verdict"),
    [(0.0, Verdict.INVALID), (0.001, Verdict.INVALID), (0.004, Verdict.PASS)],
)
def test_below_what_an_answer_takes_it_is_another_process(
    tmp_path: Path, cores: float, verdict: Verdict
) -> None:
    """200 answers a second, each at 10 us: 0.002 cores are the least, but for the clock's ticks."""
    finding = _check(tmp_path, cores)
    assert finding is not None
    assert finding.verdict is verdict
    if verdict is Verdict.INVALID:
        assert "name:service used" in finding.message
        assert "port:N" in finding.evidence["advice"]


def test_a_busy_rate_needs_less_for_each(tmp_path: Path) -> None:
    """From a thousand a second on nobody has to be woken: 2 us each."""
    finding = _check(tmp_path, 0.006, rate=2000, steady_s=20, trees=TREES)
    assert finding is not None
    assert finding.verdict is Verdict.PASS
    assert finding.limit == 0.002


def test_few_answers_tell_nothing(tmp_path: Path) -> None:
    """A process that answers twenty a second for a minute may stay below its clock's ticks."""
    assert _check(tmp_path, 0.0, rate=20) is None


def test_failures_are_no_answers(tmp_path: Path) -> None:
    """A port that nobody listens on refuses without the target's help."""
    assert _check(tmp_path, 0.0, failures=lambda _s: 200) is None


def test_without_a_budget_on_what_was_sampled_it_is_a_warning(tmp_path: Path) -> None:
    """Latencies come from the answers, whoever gave them."""
    script = Script(requests=lambda _s: 200, trees=TREES, columns={"cpu_cores": lambda _s: 0.0})
    run = read(synthetic.write(tmp_path / "run", script).path)
    finding = CHECKS.get("target at work")(replace(run, asked=("p95 < 250ms",)))
    assert finding is not None
    assert (finding.verdict, finding.warning) == (Verdict.PASS, True)


def test_cpu_that_was_not_measured_is_no_cpu_of_zero(tmp_path: Path) -> None:
    """Of a target that publishes numbers, or of a column that is empty, nothing is said."""
    assert _check(tmp_path, None) is None
    (tmp_path / "other").mkdir()
    assert _check(tmp_path / "other", 0.0, trees=()) is None
