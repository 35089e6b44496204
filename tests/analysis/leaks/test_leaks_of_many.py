"""Many series at once: leaks that chance alone would tell are taken back."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from reli_analysis.budgets.leaks.many import FALSE_DISCOVERIES, corrected
from reli_analysis.judge import judge
from reli_analysis.verdict import Finding, Verdict
from support.in_memory import noisy, run_of, tree
from support.synthetic import MIB


def leak(p: float, answer: str = "LEAK", name: str = "rss_bytes") -> Finding:
    verdict = {"LEAK": Verdict.FAIL, "NO LEAK ABOVE": Verdict.PASS}[answer]
    evidence = {"answer": answer, "p_value": p, "rate_per_h": 1.0}
    return Finding(name, "budget", name, verdict, f"{name} leaks", evidence=evidence)


def test_a_single_series_is_left_as_it_is() -> None:
    """Nothing was tried but this one; nor do other findings count."""
    other = Finding("p95", "budget", "p95", Verdict.PASS, "fine")
    found = corrected([leak(0.04), other])
    assert [one.verdict for one in found] == [Verdict.FAIL, Verdict.PASS]
    assert "q_value" not in found[0].evidence


def test_each_series_has_its_q_value() -> None:
    """Benjamini and Hochberg's, worked out by hand: p times the number by the rank, made monotone."""
    p_values = [0.001, 0.008, 0.039, 0.041, 0.9]
    found = corrected([leak(p) for p in p_values])
    expected = [0.005, 0.02, 0.05125, 0.05125, 0.9]
    assert [one.evidence["q_value"] for one in found] == pytest.approx(expected)
    assert expected == pytest.approx(list(false_discovery_control(p_values)))
    assert all(one.evidence["series"] == 5 for one in found)


def test_a_leak_among_many_clean_series_needs_more_evidence() -> None:
    """By itself p = 0.009 is a leak, among forty series it is what chance makes; p = 1e-6 stands."""
    clean = [leak(p, "NO LEAK ABOVE", f"fds{p}") for p in np.linspace(0.1, 0.9, 38).tolist()]
    found = corrected([leak(0.009, name="weak"), leak(1e-6, name="strong"), *clean])
    weak, strong = found[:2]
    assert strong.verdict is Verdict.FAIL
    assert weak.verdict is Verdict.INCONCLUSIVE
    assert weak.evidence["answer"] == "INCONCLUSIVE"
    assert weak.evidence["q_value"] > FALSE_DISCOVERIES
    assert "one of 40 series" in weak.message
    assert "Run again" in weak.evidence["advice"]
    assert all(one.verdict is Verdict.PASS for one in found[2:])


def test_a_leak_that_a_pattern_told_is_left() -> None:
    """Steps that double are seen by their sizes, not by the slope's p."""
    clean = [leak(0.5, "NO LEAK ABOVE", f"fds{n}") for n in range(9)]
    assert corrected([leak(0.03), *clean])[0].verdict is Verdict.FAIL
    assert corrected([leak(0.009), *clean])[0].verdict is Verdict.INCONCLUSIVE


def test_a_series_without_a_slope_is_none_of_them() -> None:
    """What could not be judged was no try."""
    short = Finding("x", "budget", "x", Verdict.INCONCLUSIVE, "too short", evidence={})
    assert "q_value" not in corrected([leak(0.04), short, short])[0].evidence


def test_a_judgement_corrects_over_all_its_budgets() -> None:
    """Targets and metrics count together, and a real leak is told among them."""
    leaking = noisy(100 * MIB, noise=0.1 * MIB, per_h=12 * MIB)
    sampled = [
        tree(f"name:{n}", {"rss_bytes": noisy(100 * MIB, noise=0.1 * MIB, seed=n)})
        for n in range(4)
    ]
    run = run_of(sampled=[*sampled, tree("name:b", {"rss_bytes": leaking})])
    findings = [f for f in judge(run, ["no leak in rss"]).findings if f.kind == "budget"]
    assert [f.verdict for f in findings] == [*[Verdict.PASS] * 4, Verdict.FAIL]
    assert all(f.evidence["series"] == 5 for f in findings)
    assert findings[-1].id == "budget-no-leak-in-rss-bytes-of-name-b"
