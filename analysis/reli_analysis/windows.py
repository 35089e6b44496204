"""The parts of a run: warm-up, steady, fault, recovery, cool-down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Window:
    """One stretch of a run, from ``start_s`` up to but not including ``end_s``."""

    kind: str
    stage: str
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s


def from_rows(
    elapsed_s: Sequence[float], kinds: Sequence[str], stages: Sequence[str], interval_s: float
) -> tuple[Window, ...]:
    """Join neighbouring rows of one kind and stage into windows."""
    windows: list[Window] = []
    for start, kind, stage in zip(elapsed_s, kinds, stages, strict=True):
        last = windows[-1] if windows else None
        if last and (last.kind, last.stage) == (kind, stage):
            windows[-1] = Window(kind, stage, last.start_s, start + interval_s)
        else:
            windows.append(Window(kind, stage, start, start + interval_s))
    return tuple(windows)


def of_kind(windows: Sequence[Window], kind: str) -> tuple[Window, ...]:
    return tuple(window for window in windows if window.kind == kind)


def spans(windows: Sequence[Window]) -> tuple[tuple[float, float], ...]:
    """Start and end of each stretch, neighbours joined whatever their stage."""
    joined: list[tuple[float, float]] = []
    for window in sorted(windows, key=lambda w: w.start_s):
        if joined and window.start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], window.end_s))
        else:
            joined.append((window.start_s, window.end_s))
    return tuple(joined)
