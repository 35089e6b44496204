"""The shipped tracer example, on the real SDK and collector, says what is true (J070-J083, J102).

The runs are the shipped profiles in a shortened form: ``--time-scale`` says so in the record. Their
limits of latency are widened: how fast this machine is today is no property of the code.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from support.locust_runs import Outcome, run

ROOT = Path(__file__).parents[2]
_SHORT_TIME = re.compile(r"(?<=[ <])([0-9.]+)ms\b")


def _smoke(home: Path, locustfile: str, *arguments: str, **environment: str) -> Outcome:
    return _run(home, locustfile, "smoke", *arguments, **environment)


def _run(home: Path, locustfile: str, profile: str, *arguments: str, **environment: str) -> Outcome:
    """As a user who copied the locustfiles, and the profile to widen its limits of latency."""
    shutil.copytree(ROOT / "locustfiles", home, dirs_exist_ok=True)
    shutil.copy(home / locustfile, home / "locustfile.py")
    shipped = (ROOT / "profiles" / "tracer" / f"{profile}.yaml").read_text()
    widened, limits = _SHORT_TIME.subn(lambda found: f"{float(found[1]) * 400:g}ms", shipped)
    assert limits > 0, "the shipped profile bounds a latency"
    widened = widened.replace("extends: ", f"extends: {ROOT}/profiles/").replace(
        f"profiles/{profile}\n", f"profiles/{profile}.yaml\n"
    )
    (home / "profiles" / "tracer").mkdir(parents=True)
    (home / "profiles" / "tracer" / f"{profile}.yaml").write_text(widened)
    return run(home, "--load-profile", profile, *arguments, timeout_s=110, **environment)


def _last(outcome: Outcome, name: str) -> float:
    return outcome.column(name)[-1]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("--processes", "2")], ids=["alone", "two workers"])
def test_smoke_passes_with_every_span_accounted_for(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """A healthy SDK passes: created == arrived, nothing dropped (J037, J102)."""
    outcome = _smoke(tmp_path, "tracer.py", "--time-scale", "0.5", *workers)
    assert outcome.held, outcome.output
    assert "p95 < 200ms, critical 400ms" in outcome.output
    created, arrived = _last(outcome, "spans_created"), _last(outcome, "spans_arrived")
    assert created == arrived > 500
    assert _last(outcome, "drop_ratio") == 0
    assert _last(outcome, "unaccounted_spans") == 0
    assert max(outcome.column("queue_ratio")) > 0, "the queue's use is sampled (J083)"
    names = {row["name"]: int(row["requests"]) for row in outcome.table("requests.csv")}
    assert set(names) == {"simple", "attributes", "events", "nested", "large payload"}
    assert outcome.finding("time scale")["warning"] is True


@pytest.mark.slow
def test_the_open_model_accounts_for_every_span(tmp_path: Path) -> None:
    """At up to 160/s in steps the SDK's own time holds its budget, start delays aside (J100)."""
    outcome = _run(tmp_path, "tracer.py", "stress", "--time-scale", "0.05", "--base-rate", "80/s")
    assert outcome.held, outcome.output
    assert _last(outcome, "spans_created") == _last(outcome, "spans_arrived") > 1500
    assert outcome.finding("service_p95")["verdict"] == "PASS"
    assert outcome.finding("time scale")["warning"] is True


@pytest.mark.slow
def test_a_task_that_keeps_what_it_makes_fails_by_rss(tmp_path: Path) -> None:
    """The leaky variant is told by its memory and by nothing else (J024, J101)."""
    outcome = _smoke(tmp_path, "tracer_leaky.py", "--time-scale", "0.5")
    assert outcome.code == 1, outcome.output
    failed = [f for f in outcome.json("verdict.json")["findings"] if f["verdict"] == "FAIL"]
    assert {finding["subject"] for finding in failed} == {"rss_bytes"}
    assert max(finding["observed"] for finding in failed) > 50 * 2**20


@pytest.mark.slow
def test_a_slow_collector_fails_by_drop_ratio(tmp_path: Path) -> None:
    """Spans that the SDK drops are counted exactly, and fail the run (J025, J037)."""
    outcome = _smoke(
        tmp_path, "tracer.py", "--time-scale", "0.25", "--base-rate", "5000/s",
        RELI_COLLECTOR_MODE="slow:3s",
    )  # fmt: skip
    assert outcome.code == 1, outcome.output
    assert outcome.finding("drop_ratio")["verdict"] == "FAIL"
    created, arrived = _last(outcome, "spans_created"), _last(outcome, "spans_arrived")
    counted = sum(_last(outcome, f"spans_{what}") for what in ("dropped", "failed", "left"))
    assert _last(outcome, "spans_dropped") > 0
    assert created == arrived + counted
    assert _last(outcome, "spans_lost") == created - arrived


@pytest.mark.slow
def test_a_collector_that_is_down_is_never_a_pass(tmp_path: Path) -> None:
    """No span arrived: INVALID, whatever the latency (J012)."""
    outcome = _smoke(tmp_path, "tracer.py", "--time-scale", "0.2", RELI_COLLECTOR_MODE="down")
    assert outcome.code == 4, outcome.output
    assert outcome.verdict == "INVALID"
    assert "spans_arrived" in outcome.finding("measured")["message"]
    assert _last(outcome, "spans_arrived") == 0
    assert _last(outcome, "spans_created") > 0


def test_a_wrong_collector_mode_is_one_sentence(tmp_path: Path) -> None:
    """A setting that cannot work ends the command before any load."""
    outcome = _smoke(tmp_path, "tracer.py", RELI_COLLECTOR_MODE="slwo:3s")
    assert outcome.code == 2, outcome.output
    assert 'did you mean "slow"' in outcome.output
    assert "Traceback" not in outcome.output
