"""The way back to Locust never makes the recorder wait, and what leaves it are whole lines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from reli.recorder.channel import Channel
from reli.recorder.checkpoint import Checkpoint
from support.waiting import readable


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def _read(descriptor: int) -> bytes:
    """What there is to read now."""
    data = b""
    while readable(descriptor, 0):
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            break
        data += chunk
    return data


def test_a_reader_that_keeps_up_gets_every_line(pipe: tuple[int, int]) -> None:
    """Lines arrive in order."""
    reading, writing = pipe
    channel = Channel(writing, lambda: Checkpoint({}))
    for index in range(3):
        channel.send("told", {"index": index})
    assert [json.loads(line)["index"] for line in _read(reading).splitlines()] == [0, 1, 2]


def test_a_reader_that_hangs_gets_the_newest_when_it_reads_again(pipe: tuple[int, int]) -> None:
    """The recorder does not wait; of what did not fit the newest is kept, and no line is torn."""
    reading, writing = pipe
    channel = Channel(writing, lambda: Checkpoint({}))
    text = "x" * 5000
    for index in range(100):
        channel.send("told", {"index": index, "text": text})
    data = _read(reading)
    channel.send("told", {"index": 100, "text": text})
    channel.send("told", {"index": 101, "text": text})
    data += _read(reading)
    lines = [json.loads(line) for line in data.splitlines()]
    indexes = [line["index"] for line in lines]
    assert indexes == sorted(indexes)
    assert indexes[-2:] == [100, 101]
    assert len(indexes) < 102, "what did not fit was left out"
    assert all(line["text"] == text for line in lines)


def test_a_line_larger_than_the_pipe_arrives_in_parts(pipe: tuple[int, int]) -> None:
    """What was begun is finished before anything newer goes."""
    reading, writing = pipe
    channel = Channel(writing, lambda: Checkpoint({}))
    channel.send("told", {"index": 0, "text": "x" * 200_000})
    data = b""
    for index in range(1, 6):
        data += _read(reading)
        channel.send("told", {"index": index, "text": ""})
    data += _read(reading)
    indexes = [json.loads(line)["index"] for line in data.splitlines()]
    assert indexes[0] == 0
    assert indexes[-1] == 5


def test_a_reader_that_is_gone_is_no_trouble(pipe: tuple[int, int]) -> None:
    """The record goes on without anybody to tell."""
    reading, writing = pipe
    channel = Channel(writing, lambda: Checkpoint({}))
    os.close(reading)
    channel.send("told", {"index": 0})
    channel.send("told", {"index": 1})
    channel.close()
