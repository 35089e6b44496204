"""What ``vegeta encode`` writes by itself: a JSON object a line and request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reli_analysis.readers.base import READERS
from reli_analysis.readers.moments import parsed_dates
from reli_analysis.readers.request_log.arrow import arrow, end_of_lines, json_batches
from reli_analysis.readers.request_log.reading import run_of
from reli_analysis.readers.vegeta_csv import NOTES, requests_of

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.readers.base import Guide
    from reli_analysis.readers.request_log.arrow import Columns
    from reli_analysis.readers.request_log.batch import Requests
    from reli_analysis.series import Run

_NEEDED = frozenset({"timestamp", "code", "latency"})
_TEXTS = ("timestamp", "error", "method", "url")
_TAIL_BYTES = 1 << 20


class VegetaJson:
    """Recognised by its first line: an object with a time, a code and a latency."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return set(_object(head.partition(b"\n")[0])) >= _NEEDED

    def read(self, path: Path, guide: Guide) -> Run:
        pa = arrow()
        types = [(name, pa.string()) for name in _TEXTS]
        types += [("code", pa.int64()), ("latency", pa.float64())]
        batches = json_batches(path, pa.schema(types), guide.progress)
        return run_of(path, map(_requests, batches), last_s=_last_s(path), notes=NOTES)


def _object(line: bytes) -> dict[str, object]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _requests(rows: Columns) -> Requests:
    return requests_of(rows, rows.dates("timestamp"))


def _last_s(path: Path) -> float:
    with path.open("rb") as file:
        end = end_of_lines(file)
        file.seek(max(0, end - _TAIL_BYTES))
        lines = file.read(min(end, _TAIL_BYTES)).rstrip().rsplit(b"\n", 1)
    moment = str(_object(lines[-1]).get("timestamp", ""))
    return float(parsed_dates([moment])[0])


READERS.register("vegeta json", VegetaJson())
