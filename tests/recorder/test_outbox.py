"""What Locust has for the recorder is kept until it is written, and sent again in order."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reli.recorder.checkpoint import Checkpoint
from reli.recorder.outbox import MOST_BYTES, Outbox


def _sent(outbox: Outbox) -> list[dict[str, Any]]:
    """Everything that is to be sent now."""
    lines = []
    while (line := outbox.next()) is not None:
        lines.append(json.loads(line))
    return lines


def _event(number: int) -> tuple[str, dict[str, Any]]:
    return "event", {"event": "worker", "subject": "w", "message": str(number)}


def test_messages_leave_in_order_and_once() -> None:
    """Nothing is sent twice to a recorder that lives."""
    outbox = Outbox()
    outbox.put("process", {"pid": 5})
    outbox.put("interval", {"index": 0})
    outbox.put(*_event(0))
    assert [message["kind"] for message in _sent(outbox)] == ["process", "interval", "event"]
    assert _sent(outbox) == []


def test_a_new_recorder_gets_what_was_not_written_and_every_process() -> None:
    """Processes are known anew; intervals and events from the acknowledged on are sent again."""
    outbox = Outbox()
    outbox.put("process", {"pid": 5})
    for index in range(4):
        outbox.put("interval", {"index": index})
        outbox.put(*_event(index))
    _sent(outbox)
    outbox.acknowledge(Checkpoint({}, written=2, gathered_from=1, events=3))
    outbox.put("interval", {"index": 4})
    outbox.rewind()
    again = _sent(outbox)
    assert again[0] == {"kind": "process", "pid": 5}
    assert [m["index"] for m in again if m["kind"] == "interval"] == [1, 2, 3, 4]
    assert [m["message"] for m in again if m["kind"] == "event"] == ["3"]


@given(
    st.lists(
        st.one_of(
            st.just("interval"),
            st.just("event"),
            st.just("send"),
            st.just("acknowledge"),
            st.just("rewind"),
        ),
        max_size=80,
    )
)
def test_whatever_happens_nothing_unwritten_is_lost(steps: list[str]) -> None:
    """Each interval is acknowledged or still there, in order, after any course of events."""
    outbox, intervals, written = Outbox(), 0, 0
    delivered: list[int] = []
    for step in steps:
        match step:
            case "interval":
                outbox.put("interval", {"index": intervals})
                intervals += 1
            case "event":
                outbox.put(*_event(0))
            case "send":
                line = outbox.next()
                if line and json.loads(line)["kind"] == "interval":
                    delivered.append(json.loads(line)["index"])
            case "acknowledge":
                written = max([written, *(index + 1 for index in delivered)])
                outbox.acknowledge(Checkpoint({}, gathered_from=written))
            case "rewind":
                outbox.rewind()
                delivered = []
    outbox.rewind()
    left = [m["index"] for m in _sent(outbox) if m["kind"] == "interval"]
    assert left == list(range(written, intervals))


def test_what_waits_and_what_is_kept_are_both_bounded() -> None:
    """Too much that waits is refused; of too much that was sent the oldest is forgotten."""
    outbox, text = Outbox(), "x" * 2**20
    body = {"event": "e", "subject": "", "message": text}
    taken = 0
    while outbox.put("event", body):
        taken += 1
    assert taken * len(text) <= MOST_BYTES < (taken + 1) * (len(text) + 100)
    assert len(_sent(outbox)) == taken
    for _ in range(taken // 2):
        assert outbox.put("event", body)
    _sent(outbox)
    assert outbox._sent_bytes <= MOST_BYTES
    outbox.rewind()
    assert len(_sent(outbox)) <= taken
