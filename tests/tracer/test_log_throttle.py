"""Holding back a library's repeated log lines."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from reli.services.log_throttle import LogThrottle

if TYPE_CHECKING:
    import pytest

NAME = "noisy_library"


def test_of_one_kind_of_line_only_the_first_is_passed_on(caplog: pytest.LogCaptureFixture) -> None:
    """A flood becomes one line a kind, with its level and the logger's name (J022)."""
    throttle = LogThrottle(NAME)
    throttle.install()
    log = logging.getLogger(f"{NAME}.export")
    for number in range(500):
        log.warning("batch %d failed", number)
        log.error("gave up")
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    throttle.remove()
    assert told == [
        ("WARNING", "noisy_library.export: batch 0 failed"),
        ("ERROR", "noisy_library.export: gave up"),
    ]


def test_a_line_after_the_period_tells_how_many_were_held_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing is held back for ever: the next line of the kind gives the number."""
    throttle = LogThrottle(NAME, period_s=0)
    throttle.emit(logging.makeLogRecord({"name": NAME, "msg": "failed", "levelno": 40}))
    throttle._seen[NAME, "failed"] = (0, 41)
    throttle.emit(logging.makeLogRecord({"name": NAME, "msg": "failed", "levelno": 40}))
    assert caplog.messages[-1] == "noisy_library: failed (41 more like it since the last)"


def test_removing_it_tells_what_was_held_back(caplog: pytest.LogCaptureFixture) -> None:
    """At the end the rest is told, and the logger speaks for itself again."""
    throttle = LogThrottle(NAME)
    throttle.install()
    log = logging.getLogger(NAME)
    for _ in range(3):
        log.error("failed %s", "so")
    throttle.remove()
    log.error("free")
    assert caplog.messages == [
        "noisy_library: failed so",
        'noisy_library: 2 more like "failed %s"',
        "free",
    ]


def test_endless_kinds_of_lines_take_bounded_memory() -> None:
    """Messages that are formatted before they are logged do not pile up."""
    throttle = LogThrottle(NAME)
    for number in range(2500):
        throttle.emit(
            logging.makeLogRecord({"name": NAME, "msg": f"failed {number}", "levelno": 40})
        )
    assert len(throttle._seen) <= 1000
