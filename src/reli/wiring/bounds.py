"""Keeps what Locust remembers of a run bounded, where it would grow with time or with names.

Subtleness ahead. Locust has no setting for any of this, and its page, its CSV files and its report
read these collections while they change. So each stays the object that it is and loses only what
none of them looks at; ``docs/long-runs.md`` lists what that is.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from locust.stats import StatsError

from reli.folding import MAX_NAMES, OTHER_ENDPOINT
from reli_analysis.record.layout import OTHER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from locust.env import Environment
    from locust.stats import RequestStats

    from reli.folding import EndpointKey

KEPT_S = 60
"""Locust reads the counts by second of the last 12 s; a minute leaves room for others."""

AHEAD_S = 5
"""A failure is counted by a clock that was read after its request's."""

RECENT_POINTS = 720
"""One hour of the history that Locust writes every 5 s for its charts; kept point by point."""

OLDER_POINTS = 720
"""Older points are thinned to half of this whenever there are so many: the whole run stays."""

MAX_ERRORS = 400
"""Locust's page shows 500 errors; so those that fold are among them."""

MAX_EXCEPTIONS = 200
_OTHER_EXCEPTION = hash(OTHER)


class LocustBounds:
    """Bounds the statistics of one environment as long as that lives.

    Reports of workers are folded as they come, also the last ones, which come after a run's end;
    ``trim`` is called once an interval. Nothing is kept here, so a new test begins with all room.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        worker_report = environment.events.worker_report
        fire = worker_report.fire

        def fold_and_fire(**report: Any) -> None:
            fold_report(environment.stats, report["data"])
            fire(**report)  # type: ignore[no-untyped-call] # Locust's events carry no annotations

        # An attribute of this one event, in front of its class's method: a listener would hear the
        # report after Locust's own, which merges it.
        vars(worker_report)["fire"] = fold_and_fire

    def trim(self) -> None:
        """Drop what has become old. Costs a look at each entry and the removal of what is new."""
        stats, runner = self._environment.stats, self._environment.runner
        last_s = stats.last_request_timestamp
        if last_s is not None:
            oldest, newest = int(last_s) - KEPT_S, int(last_s) + AHEAD_S
            for entry in (stats.total, *stats.entries.values()):
                _drop_seconds(entry.num_reqs_per_sec, oldest, newest)
                _drop_seconds(entry.num_fail_per_sec, oldest, newest)
        _thin(stats.history)
        if runner is not None:
            _fold_exceptions(runner.exceptions)


def has_room(stats: RequestStats, method: str, name: str, error: Any) -> bool:
    """Whether Locust may take this error in by its own text."""
    if len(stats.errors) < MAX_ERRORS:
        return True
    return StatsError.create_key(method, name, error) in stats.errors


def fold_report(stats: RequestStats, data: dict[str, Any]) -> None:
    """Rename in a worker's report what would go past the limits of the master's statistics."""
    told_apart = _fold_entries(stats, data["stats"])
    errors: dict[str, dict[str, Any]] = {}
    room = MAX_ERRORS - len(stats.errors)
    for reported_key, reported in data["errors"].items():
        key, error = reported_key, dict(reported)
        endpoint = error["name"], error["method"]
        if endpoint not in stats.entries and endpoint not in told_apart:
            error["name"], error["method"] = OTHER_ENDPOINT
            key = _key_of(error)
        if key not in stats.errors and key not in errors:
            room -= 1
            if room < 0:
                error["error"] = OTHER
                key = _key_of(error)
        errors[key] = _sum_of(errors[key], error) if key in errors else error
    data["errors"] = errors


def _fold_entries(stats: RequestStats, entries: list[dict[str, Any]]) -> set[EndpointKey]:
    """Rename the entries for which there is no room; returns the keys that they have then."""
    room = MAX_NAMES - len(stats.entries.keys() - {OTHER_ENDPOINT})
    told_apart = set()
    for entry in entries:
        key = entry["name"], entry["method"]
        if key not in stats.entries and key != OTHER_ENDPOINT:
            room -= 1
            if room < 0:
                entry["name"], entry["method"] = key = OTHER_ENDPOINT
        told_apart.add(key)
    return told_apart


def _key_of(error: Mapping[str, Any]) -> str:
    return StatsError.create_key(error["method"], error["name"], error["error"])


def _sum_of(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two counts of one error in one."""
    first = [error["first_seen"] for error in (one, other) if error.get("first_seen")]
    last = [error["last_seen"] for error in (one, other) if error.get("last_seen")]
    return {
        **one,
        "occurrences": one["occurrences"] + other["occurrences"],
        "first_seen": min(first, default=None),
        "last_seen": max(last, default=None),
    }


def _drop_seconds(per_second: dict[int, int], oldest: int, newest: int) -> None:
    """Drop the counts outside of a span; they came nearly in their order, so from the front."""
    while per_second and not oldest <= (first := next(iter(per_second))) <= newest:
        del per_second[first]
    if len(per_second) > 2 * KEPT_S:  # the clocks of several hosts can put a newer one in front
        for second in [s for s in per_second if not oldest <= s <= newest]:
            del per_second[second]


def _thin(history: list[dict[str, Any]]) -> None:
    """Drop every second of the older points, when there are too many of them."""
    older = len(history) - RECENT_POINTS
    if older >= OLDER_POINTS:
        del history[1:older:2]


def _fold_exceptions(exceptions: dict[int, Any]) -> None:
    """Sum the tracebacks past the limit up in one row."""
    if len(exceptions) <= MAX_EXCEPTIONS:
        return
    nothing = {"count": 0, "msg": OTHER, "traceback": "", "nodes": set()}
    other = exceptions.pop(_OTHER_EXCEPTION, nothing)
    for key in list(islice(exceptions, MAX_EXCEPTIONS - 1, None)):
        row = exceptions.pop(key)
        other["count"] += row["count"]
        other["nodes"] |= row["nodes"]
    exceptions[_OTHER_EXCEPTION] = other
