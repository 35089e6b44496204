"""An HdrHistogram interval log (``.hlog``) on its own, whoever wrote it.

Ours says that its values are nanoseconds. Others do not say their unit: what they print as an
interval's maximum is by convention in milliseconds, so the ratio of the highest value to it tells.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.errors import InputError, RecordError
from reli_analysis.histogram_payloads import encode_rows
from reli_analysis.histogram_rows import decode_rows
from reli_analysis.latency import ALL_REQUESTS, LatencyLog
from reli_analysis.latency_rows import TagRows
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.foreign_histogram import Counts, counts_of
from reli_analysis.readers.generic_csv import EVERYTHING_IS_STEADY
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.histograms import buckets_of, told
from reli_analysis.record.hlog import LEGEND, compress, endpoint_tag, parse_row
from reli_analysis.record.layout import RESULTS_COLUMNS
from reli_analysis.series import Run, Series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_MOST_ROWS = 1_000_000
_LONGEST_LINE = 1 << 20
_PAYLOAD = re.compile(rb"^(Tag=[^,\n]*,)?[0-9.]+,[0-9.]+,[0-9.]+,HISTF", re.MULTILINE)
_OURS = b"#[Values: nanoseconds]"
_OUR_TAGS = ("r:", "s:", "i:")
_PER_MS = {1e6: "nanoseconds", 1e3: "microseconds", 1.0: "milliseconds", 1e-3: "seconds"}
_EMPTY = compress(b"")
_UNITS = {column.name: column.unit for column in RESULTS_COLUMNS}


class _Row(NamedTuple):
    start_s: float
    length_s: float
    tag: str
    highest: float
    counts: Counts


class HdrLog:
    """Recognised by the comment, the legend or the rows that every such log begins with."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        top = head[:4096]
        return (
            b"[Histogram log format version" in top
            or LEGEND.encode() in top
            or _PAYLOAD.search(top) is not None
        )

    def read(self, path: Path, guide: Guide) -> Run:
        problems = Problems(path.name)
        rows, ours = _rows(path, problems, guide)
        if not rows:
            raise InputError(f"{path} holds no row with a histogram")
        per_ms = 1e6 if ours else _per_ms(path, rows)
        start = min(row.start_s for row in rows)
        tags = {row.tag for row in rows}
        log = {}
        for tag in sorted(tags):
            of_tag = [row for row in rows if row.tag == tag]
            name = tag if ours or not tag else _tag(tag)
            log[name] = _tag_rows(of_tag, start, per_ms)
        notes = [_unit_note(per_ms, rows, ours=ours)]
        if ALL_REQUESTS not in log:
            log[ALL_REQUESTS] = _tag_rows(rows, start, per_ms)
            notes.append("no row is without a tag, so all requests are the sum over the tags")
        return Run(
            title=path.name,
            path=path,
            series=_series(log[ALL_REQUESTS]),
            latency=LatencyLog(log),
            damage=problems.damage(),
            notes=(
                *notes,
                (
                    "an interval log tells neither failures nor users, and counts only what was "
                    "recorded"
                ),
                EVERYTHING_IS_STEADY,
            ),
            interval_s=float(np.median(log[ALL_REQUESTS].length_s)),
        )


def _tag(tag: str) -> str:
    return tag if tag.startswith(_OUR_TAGS) else endpoint_tag("tag", tag)


def _rows(path: Path, problems: Problems, guide: Guide) -> tuple[list[_Row], bool]:
    """The rows that can be used, and whether reli wrote them."""
    rows: list[_Row] = []
    ours = False
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            done += len(line)
            if number % 10_000 == 0:
                guide.progress(done, size)
            ours = ours or line.startswith(_OURS)
            row = _row(line, number, problems)
            if row is not None:
                rows.append(row)
            if len(rows) > _MOST_ROWS:
                raise InputError(f"{path} has more than {_MOST_ROWS:,} rows; use longer intervals")
    return rows, ours


def _row(line: bytes, number: int, problems: Problems) -> _Row | None:
    if not line.endswith(b"\n"):
        problems.add("torn", "the last line was cut off and is left out")
        return None
    try:
        text = line.decode("utf-8")
        parsed = parse_row(text)
        if parsed is None:
            return None
        counts = counts_of(parsed.payload)
        highest = float(text.rstrip().rsplit(",", 2)[1])
    except (RecordError, ValueError):
        problems.add("row", f"line {number} is not a row of an interval log; it is left out")
        return None
    if not (math.isfinite(parsed.start_s) and 0 < parsed.length_s < math.inf):
        problems.add("time", f"line {number} has no time or no length; it is left out")
        return None
    return _Row(parsed.start_s, parsed.length_s, parsed.tag, highest, counts)


def _per_ms(path: Path, rows: Sequence[_Row]) -> float:
    """How many of its units of value a millisecond has; raises ``InputError`` where unknown."""
    known = [
        (row.counts.highest, row.highest)
        for row in rows
        if row.highest > 0 and row.counts.highest > 0 and math.isfinite(row.highest)
    ]
    if not known:
        raise InputError(f"{path} holds no row whose maximum tells the unit of its values")
    highest, printed = max(known)
    ratio = highest / printed
    nearest = min(_PER_MS, key=lambda per_ms: abs(math.log(ratio / per_ms)))
    if abs(math.log(ratio / nearest)) > math.log(2):
        raise InputError(
            f"{path} prints a maximum of {printed:g} where the highest value is {highest:g}; that "
            "tells no unit of time"
        )
    return nearest


def _unit_note(per_ms: float, rows: Sequence[_Row], *, ours: bool) -> str:
    digits = min(row.counts.digits for row in rows)
    exact = f"kept at {digits} significant digits"
    if ours:
        return f"an interval log of reli: its values are nanoseconds, {exact}"
    return (
        f"an interval log of HdrHistogram: values are taken as {_PER_MS[per_ms]}, because maxima are "
        f"printed in milliseconds by convention; {exact}"
    )


def _tag_rows(rows: Sequence[_Row], start_s: float, per_ms: float) -> TagRows:
    """In our own layout; an empty row stays a row."""
    row, bucket, count = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for at, one in enumerate(rows):
        buckets, where = np.unique(buckets_of(one.counts.values / per_ms), return_inverse=True)
        row.append(np.full(len(buckets), at))
        bucket.append(buckets)
        count.append(np.bincount(where, one.counts.counts, len(buckets)).astype(np.int64))
    filled = np.concatenate(row)
    distinct, packed = np.unique(filled, return_inverse=True)
    encoded = encode_rows(packed, np.concatenate(bucket), np.concatenate(count))
    found = dict(zip(distinct.tolist(), encoded, strict=True))
    return TagRows(
        np.array([one.start_s - start_s for one in rows]),
        np.array([one.length_s for one in rows]),
        [found.get(at, _EMPTY) for at in range(len(rows))],
    )


def _series(rows: TagRows) -> dict[str, Series]:
    order = np.argsort(rows.start_s, kind="stable")
    decoded = decode_rows([rows.payloads[at] for at in order.tolist()])
    by_row = told(decoded.row, decoded.bucket, decoded.count)
    requests = np.bincount(decoded.row, decoded.count, minlength=len(order))
    columns: dict[str, NDArray[np.float64]] = {
        "requests": requests.astype(np.float64),
        "completed_per_s": requests / rows.length_s[order],
    }
    for name, values in by_row.columns.items():
        columns[name] = np.full(len(order), np.nan)
        columns[name][by_row.cells] = values
    elapsed_s = rows.start_s[order]
    return {name: Series(name, _UNITS[name], elapsed_s, values) for name, values in columns.items()}


READERS.register("hdr log", HdrLog())
