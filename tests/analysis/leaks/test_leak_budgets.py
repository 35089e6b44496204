"""``no leak in``: what is judged, by what, and how the three answers are told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reli_analysis.budgets import parse
from reli_analysis.budgets.evaluate import evaluate, units_of
from reli_analysis.record import MetricSpec, RunInfo
from reli_analysis.series import Run
from reli_analysis.verdict import Finding, Verdict
from reli_analysis.windows import Window
from support.in_memory import HOUR_S, noisy, run_of, series, tree
from support.judging import ask
from support.synthetic import MIB

LEAKING = noisy(100 * MIB, noise=0.1 * MIB, per_h=12 * MIB)
FLAT = noisy(100 * MIB, noise=0.1 * MIB)
INFO = RunInfo("x", "x", 0.0, 0.0, "none", host={"memory_bytes": 24 * 2**30})


def by_subject(run: Run, text: str) -> dict[str, Finding]:
    return {finding.subject: finding for finding in evaluate(parse(text, units_of(run)), run)}


def test_a_leak_is_told_with_its_rate_interval_begin_and_what_is_left() -> None:
    """J041, N29: everything that the issue asks of the answer LEAK."""
    sampled = [
        tree("name:a", {"rss_bytes": LEAKING}),
        tree("name:a", {"memory_limit_bytes": np.full(HOUR_S, 512 * MIB)}, kind="cgroup"),
    ]
    load = {"completed_per_s": np.full(HOUR_S, 10.0)}
    finding = ask(run_of(load, sampled=sampled), "no leak in rss above 3MiB/h")
    told = finding.evidence
    assert finding.observed is not None
    assert (finding.verdict, told["answer"], finding.unit) == (Verdict.FAIL, "LEAK", "bytes/h")
    assert finding.observed == pytest.approx(12 * MIB, rel=0.1)
    assert finding.limit == told["threshold_per_h"] == 3 * MIB
    low, high = told["interval"]
    assert low == told["low_per_h"] <= 12 * MIB <= told["high_per_h"] == high
    assert told["rate_per_1000_requests"][0] == pytest.approx(finding.observed / 36)
    least, likely, most = told["time_left_s"]
    assert least < likely < most
    assert likely == pytest.approx(400 * MIB / finding.observed * 3600, rel=0.02)
    for part in (" leaks: ", "95 % interval", "per 1,000 requests", "from the start", "512 MiB"):
        assert part in finding.message
    assert told["clock"] == "time"
    assert "the cgroup's 512 MiB would last 1 d 9 h" in finding.message


def test_a_clean_run_says_above_what_rate() -> None:
    """The smallest leak that could have been seen, which is no larger than the one that matters."""
    finding = ask(run_of({"rss_bytes": FLAT}), "no leak in rss above 3MiB/h")
    told = finding.evidence
    assert (finding.verdict, told["answer"]) == (Verdict.PASS, "NO LEAK ABOVE")
    assert 0 < told["smallest_seen_per_h"] <= 3 * MIB
    assert "no leak above" in finding.message
    assert "time_left_s" not in told


def test_an_open_answer_says_how_long_to_run() -> None:
    """Noise that hides the rate that matters is INCONCLUSIVE, with a length that would tell."""
    noise = np.cumsum(np.random.default_rng(4).standard_normal(HOUR_S)) * 0.2 * MIB
    finding = ask(run_of({"rss_bytes": 100 * MIB + noise}), "no leak in rss above 1MiB/h")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.evidence["needed_s"] > HOUR_S
    assert "Let the steady window last at least" in finding.evidence["advice"]


def test_the_evidence_is_plain_and_can_be_drawn() -> None:
    """Floors, line with its band, window and what was left out, at most a hundred points each."""
    values = LEAKING + 30 * MIB * (1 - np.exp(-np.arange(HOUR_S) / 200))
    finding = ask(run_of(sampled=[tree("name:a", {"rss_bytes": values})]), "no leak in rss")
    fit = json.loads(json.dumps(finding.evidence, allow_nan=False))["fit"]
    assert (fit["metric"], fit["unit"], fit["source"]) == ("rss_bytes", "bytes", "name:a")
    assert 8 <= len(fit["points"]) <= 100
    assert 2 <= len(fit["line"]) <= 100
    assert all(low <= estimate <= high for _at, estimate, low, high in fit["line"])
    assert fit["window_s"][0] > 300, "the warm-up is left out"
    assert "warm-up" in {part["why"] for part in fit["left_out"]}
    assert finding.evidence["windows_s"] == [fit["window_s"]]


@pytest.mark.parametrize(
    ("budget", "per_h"),
    [
        ("no leak in rss", MIB),
        ("no leak in rss above 2%/h", 2 * MIB),
        ("no leak in rss above 48MiB/d", 2 * MIB),
        ("no leak in rss for 100h", 9 * MIB),
    ],
)
def test_the_rate_that_matters(budget: str, per_h: float) -> None:
    """1 % of the level an hour unless the budget says a rate, a share, or a time to last."""
    sampled = [
        tree("name:a", {"rss_bytes": np.full(HOUR_S, 100 * MIB)}),
        tree("name:a", {"memory_limit_bytes": np.full(HOUR_S, 1000 * MIB)}, kind="cgroup"),
    ]
    finding = ask(run_of(sampled=sampled), budget)
    assert finding.limit == pytest.approx(per_h)
    assert finding.evidence["threshold"] in finding.message


def test_the_time_to_last_needs_a_limit() -> None:
    """Without one the budget cannot be judged, and says what to write instead."""
    run = run_of({"queue": np.full(HOUR_S, 5.0)})
    finding = ask(run, "no leak in queue for 30d")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "the limit of queue is not known" in finding.message
    assert "above 1%/h" in finding.evidence["advice"]


@pytest.mark.parametrize(
    ("column", "others", "info", "limit"),
    [
        ("rss_bytes", {}, INFO, 24 * 2**30),
        ("rss_bytes", {}, None, None),
        ("fds", {"fds_limit": 1000.0, "fds_ratio": 0.02}, None, 1000.0),
        ("fds", {"fds_limit": 1000.0, "fds_ratio": 0.01}, None, 1010.0),
        ("fds", {"fds_limit": 1000.0}, None, None),
        ("threads", {}, INFO, None),
    ],
    ids=["the host's", "unknown", "one process", "two processes", "no share", "threads"],
)
def test_the_limit_of_a_target(
    column: str, others: dict[str, float], info: RunInfo | None, limit: float | None
) -> None:
    """Memory ends where the cgroup's or host's does, descriptors where the fullest process's do."""
    level = 100 * MIB if column == "rss_bytes" else 20.0
    columns = {column: np.full(HOUR_S, level)}
    columns |= {name: np.full(HOUR_S, value) for name, value in others.items()}
    run = replace(run_of(sampled=[tree("name:a", columns)]), info=info)
    assert ask(run, f"no leak in {column}").evidence.get("limit") == limit


def test_each_target_is_judged_by_itself() -> None:
    """Of two targets the one that leaks is named; their sum is not asked."""
    sampled = [tree("name:a", {"rss_bytes": FLAT}), tree("name:b", {"rss_bytes": LEAKING})]
    found = by_subject(run_of({"rss_bytes": FLAT + LEAKING}, sampled=sampled), "no leak in rss")
    assert found["rss_bytes of name:a"].verdict is Verdict.PASS
    assert found["rss_bytes of name:b"].verdict is Verdict.FAIL
    assert len(found) == 2
    assert "rss_bytes of name:b leaks" in found["rss_bytes of name:b"].message
    assert found["rss_bytes of name:b"].id == "no leak in rss_bytes of name:b"


def test_a_sum_stands_in_where_targets_have_no_series_of_their_own() -> None:
    """A results column without samples of targets, such as of a foreign file."""
    finding = ask(run_of({"rss_bytes": LEAKING}), "no leak in rss")
    assert (finding.verdict, finding.subject) == (Verdict.FAIL, "rss_bytes")
    assert finding.evidence["fit"]["source"] == ""


def test_a_single_target_needs_no_name() -> None:
    """Its own samples are judged under the budget's own name, so that ids stay the same."""
    run = run_of({"rss_bytes": FLAT}, sampled=[tree("name:a", {"rss_bytes": LEAKING})])
    finding = ask(run, "no leak in rss")
    assert (finding.verdict, finding.subject) == (Verdict.FAIL, "rss_bytes")


def test_restarts_are_lives_of_one_series() -> None:
    """A restart with a higher level is no leak; a leak that every restart resets is one."""
    half = HOUR_S // 2
    higher = [
        tree("name:a", {"rss_bytes": FLAT[:half]}),
        tree("name:a", {"rss_bytes": FLAT[half:] + 60 * MIB}, start_s=half, segment=1),
    ]
    finding = ask(run_of(sampled=higher), "no leak in rss above 3MiB/h")
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["lives"] == 2
    third = HOUR_S // 3
    reset = [
        tree("name:a", {"rss_bytes": LEAKING[:third]}, start_s=n * third, segment=n)
        for n in range(3)
    ]
    leak = ask(run_of(sampled=reset), "no leak in rss above 3MiB/h")
    assert leak.verdict is Verdict.FAIL
    assert leak.observed == pytest.approx(12 * MIB, rel=0.2)


def test_a_restart_cuts_a_sum_too() -> None:
    """A column of the results is a sum: the restart of any target begins a life."""
    level = FLAT + 40 * MIB * (np.arange(HOUR_S) >= 1200)
    sampled = [
        tree("name:a", {"threads": np.ones(1200)}),
        tree("name:a", {"threads": np.ones(2400)}, start_s=1200, segment=1),
        tree("name:b", {"threads": np.ones(HOUR_S)}),
    ]
    finding = ask(run_of({"rss_bytes": level}, sampled=sampled), "no leak in rss above 3MiB/h")
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["lives"] == 2


def test_memory_that_follows_the_load_is_no_leak() -> None:
    """The rate of the requests is a cause beside growth; a leak that follows them says so."""
    t = np.arange(2 * HOUR_S)
    per_s = 20 + 15 * np.sin(2 * np.pi * t / 2400)
    with_load = 100 * MIB + 0.5 * MIB * per_s + noisy(0, noise=0.1 * MIB, length=len(t))
    healthy = run_of({"rss_bytes": with_load, "completed_per_s": per_s})
    assert ask(healthy, "no leak in rss above 3MiB/h").verdict is Verdict.PASS
    kept = np.cumsum(per_s) * 500
    leaky = run_of({"rss_bytes": with_load - 0.5 * MIB * per_s + kept, "completed_per_s": per_s})
    finding = ask(leaky, "no leak in rss above 3MiB/h")
    assert finding.verdict is Verdict.FAIL
    assert finding.evidence["clock"] == "requests"
    assert finding.evidence["rate_per_1000_requests"][0] == pytest.approx(500_000, rel=0.1)
    assert "what each of them keeps" in finding.evidence["advice"]


def test_what_grows_in_faults_alone_is_told() -> None:
    """Fault windows are a clock of their own, and their levels are not the steady ones."""
    faults = [Window("fault", f"f{n}", 300.0 + 600 * n, 420.0 + 600 * n) for n in range(5)]
    edges = [0.0, *(edge for w in faults for edge in (w.start_s, w.end_s)), float(HOUR_S)]
    steady = [Window("steady", "s", edges[n], edges[n + 1]) for n in range(0, len(edges), 2)]
    t = np.arange(HOUR_S)
    in_fault = sum(((t >= w.start_s) & (t < w.end_s) for w in faults), np.zeros(HOUR_S, dtype=bool))
    kept = noisy(100 * MIB, noise=0.05 * MIB) + np.cumsum(in_fault) * 0.02 * MIB
    windows = sorted([*faults, *steady], key=lambda w: w.start_s)
    finding = ask(run_of({"rss_bytes": kept}, windows=windows), "no leak in rss above 3MiB/h")
    assert finding.verdict is Verdict.FAIL
    assert finding.evidence["clock"] == "faults"
    assert "failed request" in finding.evidence["advice"]


def test_only_what_was_under_load_is_judged() -> None:
    """A warm-up and a drain that the profile names are no part of the series."""
    windows = [
        Window("warm-up", "ramp", 0.0, 600.0),
        Window("steady", "hold", 600.0, 3000.0),
        Window("steady", "drain", 3000.0, float(HOUR_S)),
    ]
    t = np.arange(HOUR_S)
    values = FLAT + 50 * MIB * (t > 3000) - 50 * MIB * (t < 600)
    finding = ask(run_of({"rss_bytes": values}, windows=windows), "no leak in rss above 3MiB/h")
    assert finding.verdict is Verdict.PASS
    assert finding.evidence["fit"]["window_s"][0] >= 600
    assert finding.evidence["fit"]["window_s"][1] <= 3000


def test_a_foreign_file_is_judged(tmp_path: Path) -> None:
    """A CSV with a time column, by the names of its own columns."""
    from reli_analysis.analyse import Options, analyse

    path = tmp_path / "memory.csv"
    rows = "".join(f"{t},{value:.0f}\n" for t, value in enumerate(LEAKING))
    path.write_text(f"time,rss_bytes\n{rows}")
    assert analyse([path], Options(budgets=("no leak in rss_bytes",))) == 1
    assert analyse([path], Options(budgets=("no leak in rss_bytes above 40MiB/h",))) == 0


def test_a_counter_is_not_asked(tmp_path: Path) -> None:
    """What counts upwards by its nature is no leak, and no PASS either."""
    del tmp_path
    spec = MetricSpec("calls", "counter", "all calls")
    run = run_of({"calls": np.arange(HOUR_S)})
    run = replace(run, info=replace(INFO, metrics=(spec,)))
    finding = ask(run, "no leak in calls")
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "is a counter" in finding.message


def test_a_number_that_a_target_publishes_is_judged() -> None:
    """A results column of a profile's metric, a runtime's heap for example."""
    run = run_of({"heap_bytes": LEAKING})
    assert ask(run, "no leak in heap_bytes").verdict is Verdict.FAIL
    assert series("heap_bytes", LEAKING).unit == "bytes"
