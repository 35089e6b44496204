"""Expensive collectors slow down by themselves, and say so once a level."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.sampling.cost import Pace


def _pace(share: float = 0.01, **settings: float) -> tuple[Pace, list[str]]:
    told: list[str] = []
    return Pace(share, 1.0, what="things", tell=told.append, **settings), told


def _runs(pace: Pace, costs_s: list[float]) -> list[int]:
    """The seconds at which it ran, at one sample a second; each run costs the next of these."""
    ran = []
    for second in range(10_000):
        if pace.due(second):
            if not costs_s:
                break
            ran.append(second)
            pace.ran(second, costs_s.pop(0))
    return ran


def test_cheap_ones_run_at_each_sample() -> None:
    """What costs less than its share is never put off."""
    pace, told = _pace()
    assert _runs(pace, [0.009] * 5) == [0, 1, 2, 3, 4]
    assert told == []


def test_dear_ones_run_as_often_as_their_share_allows() -> None:
    """A hundred milliseconds at one in a hundred are one run in sixteen seconds, told once."""
    pace, told = _pace()
    assert _runs(pace, [0.1] * 5) == [0, 1, 17, 33, 49]
    assert told == ["things are read every 16 s from now on: reading them took 100 ms"]


def test_one_dear_run_is_no_reason() -> None:
    """The first of all may be dearer than the others."""
    pace, told = _pace()
    assert _runs(pace, [0.001, 0.5, 0.001, 0.5, 0.001]) == [0, 1, 2, 3, 4]
    assert told == []


def test_it_gets_faster_again_and_each_level_is_told_once() -> None:
    """What has become cheap is read more often, step by step; going up and down floods nothing."""
    pace, told = _pace()
    _runs(pace, [0.1, 0.1, *[0.001] * 20])
    assert pace.every_s == 1.0
    _runs(pace, [0.1, 0.1, 0.1])
    assert len(told) == 1
    _runs(pace, [1.0, 1.0, 1.0])
    assert len(told) == 2


def test_a_pace_that_is_asked_for_is_kept() -> None:
    """Rarely is as rarely as asked, or less often."""
    pace, _ = _pace(every_s=60.0)
    assert _runs(pace, [0.001] * 3) == [0, 60, 120]


@given(costs=st.lists(st.floats(0, 100), min_size=1, max_size=50), share=st.floats(0.0001, 1))
def test_it_never_stops_for_ever(costs: list[float], share: float) -> None:
    """Whatever it costs, it runs once in two hours."""
    pace, told = _pace(share)
    for cost in costs:
        pace.ran(0.0, cost)
    assert 1.0 <= pace.every_s < 7200
    assert len(told) <= 13


def test_a_run_is_measured() -> None:
    """The CPU time within counts, also when what runs fails."""
    pace, told = _pace(0.001)
    for _ in range(2):
        with pytest.raises(FileNotFoundError), pace.run(0.0):
            _fails_slowly()
    assert len(told) == 1
    assert pace.every_s >= 16


def _fails_slowly() -> None:
    until_s = time.thread_time() + 0.02
    while time.thread_time() < until_s:
        pass
    Path("/nowhere").read_text()


def test_a_wait_is_no_cost() -> None:
    """A collector that waits for a busy core takes no share of one."""
    pace, told = _pace(0.01)
    for _ in range(2):
        with pace.run(0.0):
            time.sleep(0.05)
    assert pace.every_s == 1.0
    assert told == []
