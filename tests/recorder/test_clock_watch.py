"""A suspend of the host and a step of its wall clock are told, with how much; nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.recorder.clock_watch import Clocks, ClockWatch, read_clocks

BEGIN = Clocks(1000.0, 5000.0, 1_800_000_000.0)


def _moved(by_s: float, suspended_s: float = 0.0, stepped_s: float = 0.0) -> Clocks:
    """The clocks after a time, in which the host slept and somebody set the time of day."""
    return Clocks(
        BEGIN.monotonic_s + by_s,
        BEGIN.boottime_s + by_s + suspended_s,
        BEGIN.wall_s + by_s + suspended_s + stepped_s,
    )


def _told(*script: Clocks | None) -> list[list[str]]:
    """What is told at each look after the first of a scripted clock."""
    readings = iter(script)
    watch = ClockWatch(lambda: next(readings))
    return [watch.look() for _ in script[1:]]


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        (_moved(1.0, suspended_s=3600.0), "the host was suspended for 3600.0 s"),
        (_moved(1.0, stepped_s=2.5), "the wall clock was set forward by 2.5 s"),
        (_moved(1.0, stepped_s=-7200.0), "the wall clock was set back by 7200.0 s"),
    ],
)
def test_each_is_told_with_how_much(after: Clocks, sentence: str) -> None:
    """One sentence, once: the look after it tells nothing."""
    later = Clocks(after.monotonic_s + 1, after.boottime_s + 1, after.wall_s + 1)
    first, second = _told(BEGIN, after, later)
    assert len(first) == 1
    assert first[0].startswith(sentence)
    assert second == []


def test_a_suspend_with_a_step_is_both() -> None:
    """A laptop that wakes up and asks for the time has two things to tell."""
    assert [len(told) for told in _told(BEGIN, _moved(1.0, 60.0, -1.0))] == [2]


@given(st.lists(st.floats(0, 86400), max_size=20), st.floats(-0.0005, 0.0005))
def test_slewing_and_waiting_are_no_events(waits_s: list[float], slew: float) -> None:
    """However long between two looks, clocks that run alike tell nothing; 500 ppm is alike enough."""
    now_s, script = 0.0, [BEGIN]
    for wait_s in waits_s:
        now_s += min(wait_s, 900.0)
        script.append(_moved(now_s, stepped_s=slew * now_s))
    assert all(told == [] for told in _told(*script))


def test_a_process_that_was_held_up_while_reading_makes_no_step() -> None:
    """A look without a reading is skipped; the next one compares with the last that there was."""
    assert _told(BEGIN, None, _moved(2.0, stepped_s=5.0))[0] == []
    assert "forward by 5.0 s" in _told(BEGIN, None, _moved(2.0, stepped_s=5.0))[1][0]
    assert _told(None, _moved(1.0), _moved(2.0)) == [[], []]


def test_the_hosts_own_clocks_run_alike() -> None:
    """Nothing happens to the clocks between two real looks."""
    assert read_clocks() is not None
    assert ClockWatch().look() == []
