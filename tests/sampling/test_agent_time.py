"""Samples of an agent stand on the run's own clock, whatever the agent's clocks say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.clock import RunClock
from reli.sampling.agent_page import Answer, Head
from reli.sampling.agent_time import AgentClock

_START_S, _WALL_S = 1000.0, 1_700_000_000.0


class _Talk:
    """An agent whose clock is ours plus ``offset_s``; each look is a question and its answer."""

    def __init__(self, offset_s: float = -400.0) -> None:
        self.clock = AgentClock(RunClock(_START_S, _WALL_S, 1.0))
        self.offset_s = offset_s
        self.wall_ahead_s = 0.0
        self.said: list[str] = []

    def look(
        self, at_s: float, trip_s: float = 0.01, there_s: float = 0.5, identity: str = "one"
    ) -> None:
        """Ask at a moment of the run; the agent answers at ``there_s`` of the round trip."""
        answered_s = at_s + trip_s * there_s
        head = Head(
            identity,
            "db1",
            answered_s + self.offset_s,
            _WALL_S + answered_s + self.wall_ahead_s,
            1.0,
            1,
            1,
            1,
        )
        answer = Answer(head, (), _START_S + at_s, _START_S + at_s + trip_s)
        self.said += self.clock.take(answer)
        self.answer = answer

    def place(self, true_s: float, lie_s: float = 0.0) -> float:
        """Place a sample that was truly taken at a moment of the run."""
        placed_s, doubts = self.clock.place(true_s + self.offset_s + lie_s)
        self.said += doubts
        return placed_s

    def done(self) -> None:
        self.clock.has_taken_all(self.answer)


@given(
    st.floats(-1e6, 1e6),
    st.lists(st.tuples(st.floats(0.001, 0.8), st.floats(0, 1)), min_size=1, max_size=30),
)
def test_a_sample_is_placed_to_half_a_round_trip(
    offset_s: float, trips: list[tuple[float, float]]
) -> None:
    """However the way there and back differ, and the exactest look so far counts."""
    talk = _Talk(offset_s)
    best_s = 1.0
    for number, (trip_s, there_s) in enumerate(trips):
        at_s = 10.0 + number
        talk.look(at_s, trip_s, there_s)
        best_s = min(best_s + 2e-4, trip_s / 2)
        taken_s = at_s - 0.05
        assert talk.place(taken_s) == pytest.approx(taken_s, abs=best_s + 1e-6)
        talk.done()
    assert talk.said == []


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0.001, 0.9)), min_size=1, max_size=30))
def test_lies_move_no_sample_out_of_its_order(lies: list[tuple[float, float]]) -> None:
    """A sample comes after the one before it, after the look that did not have it, before its own."""
    talk = _Talk()
    last_s = 0.0
    for number, (lie_s, trip_s) in enumerate(lies):
        at_s = 10.0 + number
        talk.look(at_s, trip_s)
        placed_s = talk.place(at_s - 0.5, lie_s if number else 0.0)
        assert last_s <= placed_s <= at_s + trip_s + 1e-6
        if number:
            assert placed_s >= 10.0 + number - 1 - 1e-6
        last_s = placed_s
        talk.done()


def test_a_sample_that_cannot_be_is_told_once_a_minute() -> None:
    """An agent that dates its samples in the future, or long ago."""
    talk = _Talk()
    for number in range(30):
        talk.look(10.0 + number)
        talk.place(10.0 + number, lie_s=3600.0 if number else 0.0)
        talk.done()
    assert talk.said == ["the agent's samples claim times at which they cannot have been taken"]


@pytest.mark.parametrize(("step_s", "says"), [(-30.0, "stood still for 30.0 s"), (30.0, "jumped")])
def test_a_clock_that_jumps_is_noticed_and_followed(step_s: float, says: str) -> None:
    """As after a suspend of its host; from then on samples are placed as exactly as before."""
    talk = _Talk()
    talk.look(10.0)
    talk.place(9.5)
    talk.done()
    talk.offset_s += step_s
    talk.look(50.0)
    assert talk.place(49.5) == pytest.approx(49.5, abs=0.006)
    (said,) = talk.said
    assert says in said


def test_clocks_that_drift_apart_are_followed() -> None:
    """A tenth of a second an hour is no jump."""
    talk = _Talk()
    for number in range(2000):
        talk.offset_s += 3e-5
        talk.look(10.0 + number)
        taken_s = 9.9 + number
        assert talk.place(taken_s) == pytest.approx(taken_s, abs=0.01)
        talk.done()
    assert talk.said == []


def test_another_agent_has_another_clock() -> None:
    """An agent that was started again begins at 0, which is no jump."""
    talk = _Talk()
    talk.look(10.0)
    talk.place(9.5)
    talk.done()
    talk.offset_s = -60.0
    talk.look(70.0, identity="two")
    assert talk.place(69.0) == pytest.approx(69.0, abs=0.006)
    assert talk.said == []


def test_a_wrong_time_of_day_is_told_and_not_used() -> None:
    """Nothing is placed by it, and a step of it is told too."""
    talk = _Talk()
    talk.wall_ahead_s = -3600.0
    talk.look(10.0)
    assert talk.place(9.5) == pytest.approx(9.5, abs=0.006)
    talk.wall_ahead_s = 0.0
    talk.look(100.0)
    assert talk.place(99.5) == pytest.approx(99.5, abs=0.006)
    assert talk.said == [
        "the agent's time of day is 3,600.0 s behind ours; it is not used",
        "the agent's time of day was set forward by 3,600.0 s; it is not used",
    ]


def test_what_an_answer_carries_from_before_is_placed_before() -> None:
    """Samples that an agent kept through an outage stand where they were taken."""
    talk = _Talk()
    talk.look(10.0)
    talk.place(9.5)
    talk.done()
    talk.look(100.0)
    placed = [talk.place(second + 0.5) for second in range(10, 100)]
    assert placed == pytest.approx([second + 0.5 for second in range(10, 100)], abs=0.03)
    assert talk.clock.age_s(50.0 + talk.offset_s) == pytest.approx(50.0, abs=0.1)
