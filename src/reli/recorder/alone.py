"""Samples without any load: the schedule alone feeds the recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.recorder.protocol import row_without_load

if TYPE_CHECKING:
    from threading import Event

    from reli.recorder.recording import Recorder


def sample_until(recorder: Recorder, stop: Event, for_s: float | None) -> None:
    """Sample until ``stop`` is set, ``for_s`` is over, a budget ends it or the disk is full.

    Stopped before ``for_s`` it is interrupted; without one a stop is its end. Raises ``OSError``
    when the disk refuses, with the record ended as well as can be.
    """
    try:
        while not stop.is_set() and not _has_ended(recorder) and not _is_over(recorder, for_s):
            stop.wait(recorder.wait_s)
            tick = recorder.sample()
            if tick is not None:
                recorder.take(row_without_load(tick.index))
            recorder.write()
        recorder.end(*_ending(recorder, for_s))
    except OSError as error:
        recorder.give_up(error)
        raise


def _has_ended(recorder: Recorder) -> bool:
    return bool(recorder.stopped) or recorder.abort is not None


def _is_over(recorder: Recorder, for_s: float | None) -> bool:
    return for_s is not None and recorder.clock.elapsed_s() >= for_s


def _ending(recorder: Recorder, for_s: float | None) -> tuple[str, str]:
    """State of the record and its reason."""
    if recorder.stopped:
        return "lost", recorder.stopped
    if recorder.abort is not None:
        return "aborted", f'budget "{recorder.abort.budget}": {recorder.abort.message}'
    if for_s is None or _is_over(recorder, for_s):
        return "finished", ""
    return "interrupted", f"stopped after {recorder.clock.elapsed_s():.0f} of {for_s:.0f} s"
