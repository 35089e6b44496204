"""What an agent writes is what its reader reads; what anybody else writes does no harm."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.agent.text import AGENT, EVENT, comment, sample_text
from reli.sampling import Reading
from reli.sampling.agent_page import AgentEvent, AgentSample, AnswerParser, clean
from reli.sampling.names import RESOURCE_KINDS, VALUE_COLUMNS
from reli_analysis.record.layout import METRIC

_HEAD = {
    "id": "one",
    "host": "db1",
    "elapsed_s": 10.0,
    "wall_s": 1.7e9,
    "interval_s": 1.0,
    "oldest": 1,
    "newest": 9,
    "last": 9,
}
_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Cn", "Co", "Cf"]), max_size=20
)
_NUMBERS = st.floats(0, 1e12)
_VALUES = st.dictionaries(st.sampled_from(list(VALUE_COLUMNS)), _NUMBERS, min_size=1, max_size=5)
_RESOURCES = st.builds(
    Reading,
    st.sampled_from(RESOURCE_KINDS),
    _TEXTS,
    _VALUES,
    pid=st.integers(0, 4_000_000),
    started_s=st.floats(0, 2e9),
    parent_pid=st.integers(0, 4_000_000),
    segment=st.integers(0, 1000),
    host=_TEXTS,
    elapsed_s=st.none() | st.floats(0, 1e6),
)
_METRICS = st.builds(
    Reading,
    st.just(METRIC),
    _TEXTS,
    st.fixed_dictionaries({"value": _NUMBERS}),
    host=_TEXTS,
    elapsed_s=st.none() | st.floats(0, 1e6),
)


def _parse(*parts: str) -> tuple[AgentSample | AgentEvent, ...]:
    page = comment(AGENT, _HEAD) + "".join(parts)
    return AnswerParser().parse(page.encode(), 0.0, 1.0).items


@given(
    st.lists(
        st.tuples(_TEXTS, _RESOURCES | _METRICS),
        max_size=6,
        unique_by=lambda pair: (
            pair[0],
            pair[1].kind,
            pair[1].name,
            pair[1].host,
            pair[1].elapsed_s,
        ),
    ),
    st.floats(0, 1e6),
)
def test_readings_come_back_as_they_were(
    measured: list[tuple[str, Reading]], elapsed_s: float
) -> None:
    """Every kind and column, whatever the names hold, each with its moment and its source."""
    (sample,) = _parse(sample_text({"wall_s": 0.0, "missed": 0}, elapsed_s, measured))
    assert isinstance(sample, AgentSample)
    assert sample.elapsed_s == elapsed_s
    expected = {
        (
            source, r.kind, r.name, r.host, elapsed_s if r.elapsed_s is None else r.elapsed_s,
            r.pid, r.started_s, r.parent_pid, r.segment, tuple(sorted(r.values.items())),
        )
        for source, r in measured
    }  # fmt: skip
    found = {
        (
            r.source, r.kind, r.name, r.host, r.elapsed_s,
            r.pid, r.started_s, r.parent_pid, r.segment, tuple(sorted(r.values.items())),
        )
        for r in sample.readings
    }  # fmt: skip
    assert found == expected


def test_events_stand_in_their_place() -> None:
    """Between the samples that were taken before and after them."""
    said = {"elapsed_s": 2.5, "kind": "restart", "subject": "name:x", "message": "pid 7, SIGKILL"}
    items = _parse(sample_text({}, 2.0, []), comment(EVENT, said), sample_text({}, 3.0, []))
    assert [type(item).__name__ for item in items] == ["AgentSample", "AgentEvent", "AgentSample"]
    assert items[1] == AgentEvent(2.5, "restart", "name:x", "pid 7, SIGKILL")


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html>",
        b"# agent {}",
        b"# agent [1]",
        b"# agent " + json.dumps({**_HEAD, "elapsed_s": "soon"}).encode(),
        b"# agent " + json.dumps({**_HEAD, "wall_s": 1e300}).encode(),
        b"# agent " + json.dumps({**_HEAD, "interval_s": 0}).encode(),
        b"# agent " + b"[" * 100_000,
        b"go_goroutines 7\n",
    ],
)
def test_what_is_no_agent_is_told(page: bytes) -> None:
    """One sentence, whatever answers at that port."""
    with pytest.raises(ValueError, match="what answers is no agent of reli"):
        AnswerParser().parse(page, 0.0, 1.0)


@given(st.lists(st.binary(max_size=30) | st.sampled_from(
    [b"# sample {}", b'# sample {"elapsed_s": 1}', b"# at x", b"# at 1", b"# event 5", b"# event {}",
     b'# event {"elapsed_s": NaN}', b"#", b"# ", b"# at", b'reli_tree_fds{pid="x"} 1',
     b'reli_tree_fds{pid="1",started="inf"} 1', b"reli_tree_fds NaN"]
), max_size=12))  # fmt: skip
def test_garbage_is_left_out(lines: list[bytes]) -> None:
    """Nothing that follows the first line is an error, and no reading of it is half a reading."""
    page = comment(AGENT, _HEAD).encode() + b"\n".join(lines)
    for item in AnswerParser().parse(page, 0.0, 1.0).items:
        if isinstance(item, AgentSample):
            assert all(reading.values for reading in item.readings)


def test_texts_of_the_agent_are_cleaned() -> None:
    """They become rows and lines of a terminal: no control characters, no book."""
    said = {"elapsed_s": 1, "kind": "\x1b[2J", "subject": "a\nb", "message": "x" * 10_000}
    (event,) = _parse(comment(EVENT, said))
    assert isinstance(event, AgentEvent)
    assert (event.kind, event.subject, len(event.message)) == ("sampling", "a?b", 1000)
    assert clean("\x1b[31mred\r\n") == "?[31mred??"
