"""What load processes report is gathered in bounded memory, whatever their clocks and names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from reli.counts import EMPTY_COUNTS
from reli.health import Health
from reli.intervals import Part
from reli.stats import EndpointInterval
from reli.wiring.gathering import Gathering


def _part(index: int, *names: str) -> Part:
    endpoints = [EndpointInterval("GET", name, 1, 0, 0, EMPTY_COUNTS) for name in names]
    return Part(index, 1, 0, Health(), endpoints)


class Gathered:
    """A gathering whose clock is set, and what it sends to the recorder."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self.sent: list[tuple[str, dict[str, Any]]] = []
        clock: Any = SimpleNamespace(interval_s=1.0, elapsed_s=lambda: self.elapsed_s)
        self.gathering = Gathering(
            clock, None, (), lambda kind, body: self.sent.append((kind, body)), lambda: "steady"
        )

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [body for sent, body in self.sent if sent == kind]


def test_a_clock_that_is_ahead_keeps_no_interval_open() -> None:
    """Its requests are counted in the intervals that are running here, each once."""
    gathered = Gathered()
    for process in "ab":
        gathered.gathering.join(process, "here", 1)
    for second in range(100):
        gathered.elapsed_s = second + 1.0
        gathered.gathering.add("a", _part(second, "/a"))
        gathered.gathering.add("b", _part(second + 5000, "/b"))
        assert len(gathered.gathering._merger._open) <= 12
    gathered.gathering.close(everything=True)
    intervals = gathered.bodies("interval")
    assert len(intervals) < 110
    assert sum(row[2] for body in intervals for row in body["endpoints"]) == 200


def test_the_names_of_all_processes_together_are_bounded() -> None:
    """Past the limit they are folded before they wait for the others, and an event says why."""
    gathered = Gathered()
    for process in range(4):
        gathered.gathering.join(str(process), "here", 1)
    gathered.elapsed_s = 1.0
    for process in range(4):
        names = [f"/users/{process}{number:04}/orders" for number in range(600)]
        gathered.gathering.add(str(process), _part(0, *names))
    (interval,) = gathered.bodies("interval")
    assert len(interval["endpoints"]) == 1001
    (other,) = [row for row in interval["endpoints"] if row[1] == "(other)"]
    assert other[:3] == ["", "(other)", 1400]
    events = [body for body in gathered.bodies("event") if body["event"] == "names"]
    assert {event["subject"] for event in events} == {"GET /users/*/orders"}
