"""What a long reading says of itself."""

from __future__ import annotations

import io

import pytest

from reli_analysis.progress import ConsoleProgress


class _Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class _Gone(io.StringIO):
    def write(self, _text: str, /) -> int:
        raise BrokenPipeError


def _read(stream: io.StringIO, seconds: float, *, every_s: float = 0.25) -> ConsoleProgress:
    """Read a thousand bytes in so many seconds."""
    clock = _Clock()
    progress = ConsoleProgress("reading log.csv", stream, clock)
    steps = round(seconds / every_s)
    for step in range(1, steps + 1):
        clock.now_s += every_s
        progress(round(1000 * step / steps), 1000)
    return progress


@pytest.mark.parametrize(("stream", "seconds"), [(_Terminal(), 0.75), (io.StringIO(), 4.5)])
def test_short_work_is_silent(stream: io.StringIO, seconds: float) -> None:
    """Not a word, and nothing to take away, when it was over before anybody wondered."""
    progress = _read(stream, seconds)
    progress.then("judging log.csv")
    progress.close()
    assert stream.getvalue() == ""


def test_a_log_gets_a_line_every_five_seconds() -> None:
    """With how much is done and how long the rest will take, and no control characters."""
    stream = io.StringIO()
    _read(stream, 20).close()
    lines = stream.getvalue().splitlines()
    assert lines == [
        "reli-analyze: reading log.csv: 25%, about 15 s to go",
        "reli-analyze: reading log.csv: 50%, about 10 s to go",
        "reli-analyze: reading log.csv: 75%, about 5 s to go",
        "reli-analyze: reading log.csv: 100%, about 0 s to go",
    ]


def test_a_terminal_has_one_line_that_goes_away() -> None:
    """It is written over, never longer than a line, and gone before the verdict is printed."""
    stream = _Terminal()
    progress = _read(stream, 10)
    progress.then("judging log.csv")
    progress.close()
    written = stream.getvalue()
    assert "\n" not in written
    parts = written.split("\r\x1b[K")
    assert parts[-2:] == ["judging log.csv", ""]
    assert 30 < len(parts) < 60
    assert max(map(len, parts)) < 80


def test_what_has_no_known_end_says_how_long_it_took() -> None:
    """A pipe has no size."""
    stream, clock = io.StringIO(), _Clock()
    progress = ConsoleProgress("reading -", stream, clock)
    clock.now_s += 7
    progress(10, 0)
    assert stream.getvalue() == "reli-analyze: reading -: 7 s so far\n"


def test_that_nobody_listens_stops_nothing() -> None:
    """A closed standard error is no reason to end."""
    _read(_Gone(), 20).close()
    clock = _Clock()
    progress = ConsoleProgress("x", None, clock)
    clock.now_s += 60
    progress(1, 2)


def test_names_of_files_control_no_terminal() -> None:
    """Escape sequences in a path are not written to the terminal."""
    stream, clock = _Terminal(), _Clock()
    progress = ConsoleProgress("reading \x1b[31mevil\n.csv", stream, clock)
    clock.now_s += 2
    progress(1, 2)
    assert stream.getvalue() == "\r\x1b[Kreading evil .csv: 50%, about 2 s to go"
