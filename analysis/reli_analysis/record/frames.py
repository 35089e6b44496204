"""Sums of the interval log's rows over ten minutes, so that days of it need not be read line by line.

A frame is written a minute after its end, all of its rows and then a comment that says that they
are all. What is not in such a frame (the end of the run, and what surrounds the death of a
recorder) is read from the interval log itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.record import hlog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FRAME_S = 600
_GRACE_S = 60
_TOLERANCE_S = 1e-3


class Frames:
    """Adds rows up; what is kept grows with the tags of one frame, not with the run."""

    def __init__(self, *, resumed: bool) -> None:
        """A writer that goes on with another's record has not seen the frame that it begins in."""
        self._first: int | None = None if resumed else 0
        self._sums: dict[int, dict[str, dict[int, int]]] = {}
        self._longest_s: dict[int, list[float]] = {}

    def add(
        self, start_s: float, length_s: float, counts: Mapping[int, int], tag: str
    ) -> Iterator[str]:
        """Take a row in; the lines of the frames that are complete by it."""
        frame = int((start_s + _TOLERANCE_S) // FRAME_S)
        if self._first is None:
            self._first = frame + 1
        if frame < self._first:
            return
        sums = self._sums.setdefault(frame, {}).setdefault(tag, {})
        for bucket, count in counts.items():
            sums[bucket] = sums.get(bucket, 0) + count
        longest = self._longest_s.setdefault(frame, [0.0, 0.0])
        other = hlog.endpoint_of(tag) is None
        longest[other] = max(longest[other], length_s)
        for done in sorted(self._sums):
            if start_s < (done + 1) * FRAME_S + _GRACE_S:
                break
            yield from self._lines(done)

    def _lines(self, frame: int) -> Iterator[str]:
        start_s = frame * FRAME_S
        for tag, counts in self._sums.pop(frame).items():
            yield hlog.format_row(start_s, FRAME_S, counts, tag)
        endpoint_s, other_s = self._longest_s.pop(frame)
        end_s = start_s + FRAME_S
        yield f"#[Frame: {start_s:.3f},{end_s:.3f},{endpoint_s:.3f},{other_s:.3f}]\n"
