"""Turns what load processes report into the intervals that the recorder writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli.counts import Counts, merge_counts
from reli.health import worst
from reli.intervals import Merger, Part, merge_endpoints, merge_failures, merge_metrics
from reli.iterations import HISTOGRAMS, IterationInterval, merge_iterations
from reli.plan import ITERATIONS
from reli.recorder.protocol import pack
from reli.union import Union
from reli_analysis.record.layout import DRAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reli.clock import RunClock
    from reli.plan import Plan
    from reli_analysis.record import MetricSpec


def pack_counts(counts: Counts) -> list[str]:
    """A histogram's buckets as the recorder's protocol carries them."""
    return [pack(counts[0].tolist(), "H"), pack(counts[1].tolist(), "I")]


class Gathering:
    """Knows which processes are expected, merges their parts, and tells the recorder."""

    def __init__(
        self,
        clock: RunClock,
        plan: Plan | None,
        metrics: Sequence[MetricSpec],
        send: Callable[[str, dict[str, Any]], None],
        window_without_plan: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._plan = plan
        self._specs = metrics
        self._send = send
        self._window_without_plan = window_without_plan
        self._merger = Merger()
        self._union = Union(self.event)
        self._reported_late = 0
        self._metrics: dict[str, dict[str, float]] = {}
        self._latest: dict[str, tuple[float, IterationInterval]] = {}
        self._late_at_end = False
        self.expected: set[str] = set()
        self.stopped_s: float | None = None

    def event(self, kind: str, subject: str, text: str) -> None:
        self._send("event", {"event": kind, "subject": subject, "message": text})

    def join(self, process: str, host: str, pid: int) -> None:
        """A load process said hello."""
        self.expected.add(process)
        self.event("worker", process, f"joined: pid {pid} on {host}")

    def lose(self, process: str, why: str) -> None:
        """A load process is gone; its counters stay, its gauges do not."""
        self.expected.discard(process)
        gauges = {spec.name for spec in self._specs if spec.kind == "gauge"}
        kept = self._metrics.get(process, {})
        self._metrics[process] = {name: v for name, v in kept.items() if name not in gauges}
        self.event("worker", process, f"lost: {why}")

    def done(self, process: str) -> None:
        """A load process sent its last part."""
        self.expected.discard(process)

    def is_idle(self, since_s: float) -> bool:
        """Whether every process has told, of that moment or a later one, that nothing is left.

        That is, no arrival of the open model waits or runs.
        """
        told = [self._latest.get(process) for process in self.expected]
        return all(
            last is not None and last[0] >= since_s and last[1].waiting + last[1].running == 0
            for last in told
        )

    def add(self, process: str, part: Part) -> None:
        """Take a part in, and write what it completes."""
        part = self._union.fold(part)
        # Ahead of all others by a clock of its own, it would stay open until they are there.
        part = replace(part, index=min(part.index, self._current() + self._merger.grace))
        self._merger.add(process, part)
        self._metrics.setdefault(process, {}).update(part.metrics)
        if part.open_model:
            ends_s = (part.index + 1) * self._clock.interval_s
            self._latest[process] = ends_s, part.open_model
            self._note_backlog(ends_s, part.open_model)
        self.close()

    def close(self, *, everything: bool = False) -> None:
        """Write the intervals that can be closed."""
        closed = self._merger.closed(self.expected, self._current(), everything=everything)
        for index, parts in closed:
            self._send("interval", self._interval(index, parts))

    def tell_late(self) -> None:
        """Write how many reports came too late for their interval since the last call."""
        count = self._merger.late - self._reported_late
        if count:
            self._reported_late = self._merger.late
            self.event("late", "generator", f"{count} reports came late, counted where they came")

    def _current(self) -> int:
        """Index of the interval that is running."""
        return int(self._clock.elapsed_s() / self._clock.interval_s)

    def _interval(self, index: int, by_process: dict[str, list[Part]]) -> dict[str, Any]:
        parts = [part for reported in by_process.values() for part in reported]
        stage, window, offered = self._planned(index)
        return {
            "index": index,
            "stage": stage,
            "window": window,
            "users": sum(reported[-1].users for reported in by_process.values()),
            "workers": len(by_process),
            "offered": offered,
            "iterations": None if offered is None else sum(part.iterations for part in parts),
            "health": vars(worst(part.health for part in parts)),
            "services": pack_counts(merge_counts([part.services for part in parts])),
            "open_model": self._open_model(by_process),
            "endpoints": [
                [
                    endpoint.request_type,
                    endpoint.name,
                    endpoint.requests,
                    endpoint.failures,
                    endpoint.response_bytes,
                    *pack_counts(endpoint.counts),
                ]
                for endpoint in merge_endpoints(parts)
            ],
            "failures": [
                [f.request_type, f.name, f.error, f.text, f.count] for f in merge_failures(parts)
            ],
            "metrics": merge_metrics(self._specs, self._metrics.values()),
        }

    def _note_backlog(self, ends_s: float, level: IterationInterval) -> None:
        """Remember whether something had been due for long when the plan ended."""
        if self._plan and 0 <= self._plan.total_s - ends_s < self._clock.interval_s:
            self._late_at_end |= level.oldest_age_s > self._clock.interval_s

    def _drain_window(self, stopped: bool) -> str:
        """What was left undone for long at the plan's end belongs to the window that left it."""
        if self._plan is None or stopped or not self._late_at_end:
            return "cool-down"
        return self._plan.spans[-1].window

    def _open_model(self, by_process: dict[str, list[Part]]) -> dict[str, Any] | None:
        reported = [[p.open_model for p in parts if p.open_model] for parts in by_process.values()]
        merged = merge_iterations(reported)
        if merged is None:
            return None
        return vars(merged) | {name: pack_counts(getattr(merged, name)) for name in HISTOGRAMS}

    def _planned(self, index: int) -> tuple[str, str, float | None]:
        """Stage, window and planned iterations of an interval."""
        begin_s = index * self._clock.interval_s
        end_s = begin_s + self._clock.interval_s
        stopped_s = self.stopped_s
        stopped = stopped_s is not None and begin_s >= stopped_s
        if stopped and self._plan is None:
            return DRAIN, "cool-down", None
        if self._plan is None:
            return "", self._window_without_plan(), None
        point = None if stopped else self._plan.at((begin_s + end_s) / 2)
        if point is None:
            return (
                DRAIN,
                self._drain_window(stopped),
                0.0 if self._plan.load_unit == ITERATIONS else None,
            )
        offered = None
        if self._plan.load_unit == ITERATIONS:
            # A run that was stopped in the middle of an interval asked for no more from then on.
            ends_s = (end_s, self._plan.total_s, end_s if stopped_s is None else stopped_s)
            offered = self._plan.iterations_between(begin_s, min(ends_s))
        return point.stage, point.window, offered
