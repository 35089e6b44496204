"""The schedule is absolute: no delay of one sample moves the next, and what was missed is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.recorder.schedule import Lateness, Schedule, Tick

INTERVALS_S = st.sampled_from([0.1, 0.3, 1.0, 7.0, 60.0])
WAITS_S = st.lists(st.floats(0, 500), max_size=60)


@given(INTERVALS_S, WAITS_S, st.integers(0, 10**7))
def test_every_interval_is_sampled_once_or_counted_as_missed(
    interval_s: float, waits_s: list[float], first: int
) -> None:
    """However the sampler is held up, samples and misses add up to the intervals that passed."""
    schedule = Schedule(interval_s, first)
    now_s, accounted = first * interval_s, first
    for wait_s in waits_s:
        now_s += wait_s
        tick = schedule.tick(now_s)
        if tick is None:
            assert now_s < schedule.due_s
            continue
        accounted += tick.missed + 1
        assert tick.index == accounted - 1
        assert 0 <= tick.late_s < interval_s * 1.001 + 1e-6
        # It ends the newest interval that is over, to within what the clock can tell apart.
        assert (tick.index + 1) * interval_s <= now_s + 1e-6
        assert schedule.due_s > now_s - 1e-6


@given(INTERVALS_S, st.integers(1, 10**6))
def test_a_sampler_that_is_in_time_misses_nothing(interval_s: float, times: int) -> None:
    """Woken at the very moment that is due, it takes each sample, whatever rounding does to it."""
    schedule = Schedule(interval_s, times)
    for index in range(times, times + 20):
        assert schedule.tick(schedule.due_s) == Tick(index, 0, 0.0)


def test_a_delay_does_not_move_what_comes_after() -> None:
    """After 2.5 intervals of silence two samples are missed, one is late, and the next is on time."""
    schedule = Schedule(1.0)
    assert schedule.tick(0.999) is None
    assert schedule.tick(1.0) == Tick(0, 0, 0.0)
    late = schedule.tick(4.5)
    assert late == Tick(3, 2, 0.5)
    assert schedule.due_s == 5.0


def test_late_and_missed_samples_are_told_at_once_then_once_a_minute() -> None:
    """The first is told when it happens; what follows within a minute is one sentence."""
    lateness = Lateness(1.0)
    assert lateness.add(Tick(0, 0, 0.1), 1.1) is None, "a tenth of an interval is in time"
    assert lateness.add(Tick(3, 2, 0.6), 4.6) == "2 samples missed, 1 sample late by up to 0.6 s"
    assert lateness.add(Tick(4, 0, 0.7), 5.7) is None
    assert lateness.add(Tick(5, 1, 0.4), 7.4) is None
    told = lateness.add(Tick(64, 0, 0.0), 65.0)
    assert told == "1 sample missed, 2 samples late by up to 0.7 s"
    assert lateness.rest() is None


def test_what_was_not_told_yet_is_told_at_the_end() -> None:
    """The last minute of a run is accounted for, too."""
    lateness = Lateness(1.0)
    lateness.add(Tick(1, 1, 0.0), 2.0)
    lateness.add(Tick(2, 0, 0.9), 3.9)
    assert lateness.rest() == "1 sample late by up to 0.9 s"


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 0.99)), max_size=300))
def test_days_of_late_samples_make_an_event_a_minute_at_most(
    held_up: list[tuple[int, float]],
) -> None:
    """The number of sentences is bounded by time, and their counts add up to every miss."""
    lateness, now_s, said = Lateness(1.0), 0.0, []
    for missed, late_s in held_up:
        now_s += 1 + missed
        said.append(lateness.add(Tick(int(now_s), missed, late_s), now_s))
    sentences = [sentence for sentence in [*said, lateness.rest()] if sentence]
    assert len(sentences) <= now_s / 60 + 2
    counted = sum(
        int(sentence.split()[0].replace(",", "")) for sentence in sentences if "missed" in sentence
    )
    assert counted == sum(missed for missed, _ in held_up)


@pytest.mark.parametrize("interval_s", [0.1, 1.0, 5.0])
def test_half_an_interval_late_is_late_at_every_pace(interval_s: float) -> None:
    """What counts as late is a share of the interval."""
    assert Lateness(interval_s).add(Tick(0, 0, interval_s / 2), interval_s * 1.5)
