"""Lives of targets: nothing is compared across a restart."""

from __future__ import annotations

import numpy as np

from reli_analysis.series import Run, Sampled
from reli_analysis.trends.lives import Life, lives_at, longest_life
from support.in_memory import run_of, series


def _run(*processes: Sampled) -> Run:
    return run_of({"rss_bytes": np.ones(1000)}, sampled=processes)


def _process(pid: int, first: int, last: int, role: str = "target") -> Sampled:
    times = series("fds", np.ones(last - first + 1), start_s=first)
    return Sampled(role, "self", "here", "p", times.elapsed_s, {"fds": times}, pid=pid)


def test_lives_are_cut_where_the_target_changes() -> None:
    """A restart begins a new life; helpers that live shortly and other roles cut nothing."""
    assert longest_life(_run(_process(1, 0, 999))) == Life(0.0, 1000.0, 1)
    restarted = _run(_process(1, 0, 299), _process(2, 305, 999))
    assert longest_life(restarted) == Life(305.0, 1000.0, 2)
    others = (_process(1, 0, 999), _process(2, 100, 120), _process(3, 0, 500, "generator"))
    unchanged = longest_life(_run(*others))
    assert unchanged is not None
    assert unchanged.lives == 1
    assert longest_life(_run()) is not None


def test_moments_are_numbered_by_life() -> None:
    """From 0, one more after each restart; the first and the last moments are no life of their own."""
    times = np.arange(1000.0)
    assert not lives_at(_run(_process(1, 1, 998)), times).any()
    numbers = lives_at(_run(_process(1, 0, 299), _process(2, 301, 999)), times)
    assert (np.diff(numbers) >= 0).all()
    assert numbers[299] == numbers[0]
    assert len(set(numbers[301:])) == 1
    assert numbers[301] > numbers[299]
    assert not len(lives_at(_run(), np.empty(0)))
