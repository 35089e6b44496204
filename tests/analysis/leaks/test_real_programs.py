"""Real programs whose truth is known, as ``reli sample`` recorded them.

``real_programs/`` is a recording of ``benchmarks/real_programs_record.py``, thinned to a sample every
three seconds and to the trees, the memory and the descriptors of ten of its programs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from reli_analysis.judge import judge
from reli_analysis.readers import read
from reli_analysis.verdict import Finding, Verdict
from support.synthetic import MIB

RECORD = Path(__file__).with_name("real_programs")
BUDGETS = ("no leak in rss above 16MiB/h", "no leak in fds above 60/h")


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    return {finding.subject: finding for finding in judge(read(RECORD), BUDGETS).findings}


@pytest.mark.parametrize(
    ("subject", "per_h"),
    [
        ("rss_bytes of redis keys kept", 89 * MIB),
        ("rss_bytes of node objects kept", 69 * MIB),
        ("rss_bytes of python list kept late", 69 * MIB),
        ("rss_bytes of python list kept restarted", 69 * MIB),
        ("fds of nginx connections", 1800),
    ],
)
def test_what_leaks_is_found(findings: dict[str, Finding], subject: str, per_h: float) -> None:
    """At the rate that the program knows of; its process may hold half as much again."""
    finding = findings[subject]
    assert finding.verdict is Verdict.FAIL
    assert finding.observed is not None
    assert 0.9 * per_h < finding.observed < 1.5 * per_h
    assert finding.evidence["q_value"] < 0.001


@pytest.mark.parametrize(
    "subject",
    [
        "rss_bytes of redis cache",
        "rss_bytes of nginx garbage",
        "rss_bytes of postgres transactions",
        "rss_bytes of python restarted",
        "fds of redis keys kept",
        "fds of postgres transactions",
        "fds of python list kept restarted",
    ],
)
def test_what_is_healthy_is_cleared(findings: dict[str, Finding], subject: str) -> None:
    """A cache up to its cap, garbage, shared buffers and restarts are no leak."""
    assert findings[subject].verdict is Verdict.PASS


def test_a_heap_that_finds_its_size_is_no_leak(findings: dict[str, Finding]) -> None:
    """Node's heap grows for minutes: that may be unclear, but accuses nobody."""
    assert findings["rss_bytes of node garbage"].verdict is not Verdict.FAIL


def test_a_leak_that_began_late_is_told_with_its_time(findings: dict[str, Finding]) -> None:
    """The program keeps its list from 300 s of its life on, 5 to 20 s before the first sample."""
    began_s = findings["rss_bytes of python list kept late"].evidence["fit"]["began_s"]
    assert 240 < began_s < 360
