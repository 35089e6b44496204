"""A live run as JSON for a page: all of it at first, afterwards only what changed.

The text is bounded however long the run and however many its targets: when the series would take
more than their share, neighbouring buckets are sent as one.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reli.live.run import LiveRun
    from reli.live.store import Buckets

_NUMBER_BYTES = 10
_SERIES_BYTES = 180_000


RECENT = 600
"""How many of the newest intervals are sent when only those are asked for."""


def snapshot(
    run: LiveRun, serial: int, since: str, beside: Mapping[str, Any], *, recent: bool = False
) -> Iterator[str]:
    """Pieces of one JSON object, made as they are asked for, of the run as it is at the call.

    ``serial`` tells the runs of one process apart. ``since`` is the ``cursor`` of the snapshot
    before, or anything else for all there is; ``whole`` says which of the two was made. ``beside``
    is added as it is. A series is the lows and the highs of its buckets from ``first`` on, or the
    lows alone where the highs are the same; ``now`` holds its newest, smallest and largest value.
    """
    store = run.recent if recent else run.store
    oldest = max(0, store.count - RECENT) if recent else 0
    numbers = len(store.series) * (store.count - oldest) * (1 if recent else 2)
    merged = _merged(numbers)
    cursor = (serial, int(recent), store.width * merged, store.change, run.revision)
    known = _parse(since)
    whole = known is None or known[:3] != cursor[:3]
    change, revision = (0, 0) if known is None or whole else known[3:]
    first = max(oldest, store.first_changed(change)) // merged * merged
    body: dict[str, Any] = {
        "whole": whole,
        "cursor": ".".join(str(number) for number in cursor),
        "elapsed_s": run.elapsed_s,
        "bucket_s": run.info.interval_s * store.width * merged,
        "first": (store.begin + first) // merged,
        "count": -(-(store.begin + store.count) // merged),
        "now": [_three(run, key) for key in store.series],
        **{part: make(run) for part, make in _PARTS.items() if run.revisions[part] > revision},
        **beside,
    }
    # Copies: the run goes on while they are turned into text.
    copies = [series.since(first) for series in store.series.values()]
    return _pieces(body, copies, merged)


def _parse(since: str) -> tuple[int, ...] | None:
    parts = since.split(".")
    if len(parts) != 5 or not all(p.isascii() and p.isdecimal() and len(p) < 16 for p in parts):
        return None
    return tuple(int(part) for part in parts)


def _merged(numbers: int) -> int:
    """How many buckets are sent as one, when each sent alone takes so many numbers: 1, 2, 4, ..."""
    merged = 1
    while numbers * _NUMBER_BYTES / merged > _SERIES_BYTES:
        merged *= 2
    return merged


def _pieces(body: dict[str, Any], copies: list[Buckets], merged: int) -> Iterator[str]:
    head = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    yield f'{head[:-1]},"series":['
    for number, buckets in enumerate(copies):
        for _ in range(merged.bit_length() - 1):
            buckets.halve()
        yield f"{',' if number else ''}{_lows_and_highs(buckets)}"
    yield "]}"


def _lows_and_highs(buckets: Buckets) -> str:
    low, high = buckets.low, buckets.high
    lows = ",".join("null" if value == inf else f"{value:.6g}" for value in low)
    if all(one in (other, inf) for one, other in zip(low, high, strict=True)):
        return f"[[{lows}]]"
    highs = ",".join("null" if value == -inf else f"{value:.6g}" for value in high)
    return f"[[{lows}],[{highs}]]"


def _three(run: LiveRun, key: Any) -> list[float | None]:
    now = run.now(key)
    return [now.newest, now.lowest, now.highest]


def _facts(run: LiveRun) -> dict[str, Any]:
    info = run.info
    return {
        "run_id": info.run_id,
        "profile": info.profile_name,
        "state": info.state,
        "reason": info.state_reason,
        "interval_s": info.interval_s,
        "planned_s": info.planned_s,
        "started_wall_s": info.started_wall_s,
    }


def _catalog(run: LiveRun) -> dict[str, Any]:
    """What the series are: subjects, and of each series its subject's place, column and unit."""
    subjects = {subject: None for subject, _column in run.store.series}
    places = {subject: place for place, subject in enumerate(subjects)}
    return {
        "subjects": [subject._asdict() for subject in subjects],
        "series": [
            [places[subject], column, run.unit_of(column)] for subject, column in run.store.series
        ],
    }


def _stages(run: LiveRun) -> dict[str, Any]:
    return {"begun": run.spans.begun, "spans": [asdict(span) for span in run.spans.spans]}


def _events(run: LiveRun) -> dict[str, Any]:
    return {"told": run.events.told, "kept": [asdict(event) for event in run.events]}


def _budgets(run: LiveRun) -> list[dict[str, Any]]:
    return [asdict(budget) for budget in run.budgets.values()]


_PARTS = {
    "facts": _facts,
    "catalog": _catalog,
    "stages": _stages,
    "events": _events,
    "budgets": _budgets,
}
"""What is sent only when it has changed; the keys of ``LiveRun.revisions``."""
