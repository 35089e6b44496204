"""Restarts of an agent's targets are counted through its own."""

from __future__ import annotations

from reli.sampling import Reading
from reli.sampling.agent_segments import Segments
from reli_analysis.record.layout import METRIC, PROCESS, TREE


def _tree(pid: int, segment: int, source: str = "name:x") -> list[Reading]:
    values = {"fds": 1.0}
    return [
        Reading(PROCESS, "x", values, pid=pid + 1, started_s=2.0, segment=segment, source=source),
        Reading(TREE, "x", values, pid=pid, started_s=1.0, segment=segment, source=source),
        Reading(METRIC, "m", {"value": 1.0}, source=source),
    ]


def _segments(*samples: tuple[str, list[Reading]]) -> list[tuple[int, list[str]]]:
    segments = Segments()
    told = []
    for agent, readings in samples:
        unseen = segments.take(agent, readings)
        told.append((segments.of(readings[0]), unseen))
    return told


def test_a_run_begins_at_segment_0() -> None:
    """However often the target was restarted before."""
    assert _segments(("a", _tree(10, 7)), ("a", _tree(20, 8))) == [(0, []), (1, [])]


def test_a_restart_of_the_agent_is_none_of_its_target() -> None:
    """The same process is the same segment, though the agent counts from 0 again."""
    samples = (("a", _tree(10, 3)), ("a", _tree(20, 5)), ("b", _tree(20, 0)), ("b", _tree(30, 1)))
    assert [segment for segment, _ in _segments(*samples)] == [0, 2, 2, 3]


def test_a_restart_while_the_agent_was_away_is_told() -> None:
    """Another process under another agent: nobody has seen it happen."""
    assert _segments(("a", _tree(10, 0)), ("b", _tree(99, 0))) == [(0, []), (1, ["name:x"])]


def test_sources_are_counted_apart() -> None:
    """And a number of them that an agent makes up does not make the reader grow."""
    segments = Segments()
    segments.take("a", [*_tree(1, 0), *_tree(2, 0, "name:y")])
    segments.take("a", [*_tree(1, 0), *_tree(3, 1, "name:y")])
    assert segments.of(_tree(1, 0)[0]) == 0
    assert segments.of(_tree(3, 1, "name:y")[0]) == 1
    for number in range(5000):
        segments.take("a", _tree(1, 0, f"name:{number}"))
    assert len(segments._lives) <= 1000
