"""JMeter's results (JTL) as XML: an element a sample."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers import expat

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.jmeter_csv import NOTE, TRANSACTIONS
from reli_analysis.readers.request_log.arrow import UpTo
from reli_analysis.readers.request_log.batch import Gauge, Labels, Requests
from reli_analysis.readers.request_log.csv_log import STEADY_NOTE
from reli_analysis.readers.request_log.reading import run_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reli_analysis.readers.base import Progress
    from reli_analysis.series import Run

_AT_ONCE = 50_000
_SAMPLES = frozenset({"httpSample", "sample"})
_WHEN = "times are milliseconds since 1970 UTC, at which samples began (JMeter's usual setting)"


class JMeterXml:
    """Recognised by its outermost element."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return b"<testResults" in head[:500]

    def read(self, path: Path, guide: Guide) -> Run:
        with path.open("rb") as file:
            try:
                batches = _batches(file, path.stat().st_size, guide.progress)
                notes = (NOTE, _WHEN, TRANSACTIONS, STEADY_NOTE)
                return run_of(path, batches, last_s=np.nan, notes=notes)
            except (ET.ParseError, expat.ExpatError, LookupError) as error:  # an unknown encoding
                raise InputError(f"{path} is not XML as JMeter writes it: {error}") from None


def _batches(file: IO[bytes], size: int, progress: Progress) -> Iterator[Requests]:
    """Samples in batches; a file that was cut off gives what lies before the cut."""
    rows: list[tuple[float, float, str, bool, str, float]] = []
    depth = 0
    seen = False
    part = UpTo(file, size)
    events = ET.iterparse(part, events=("start", "end"))  # noqa: S314 -- a document type is refused below, so no entity is ever declared
    try:
        for event, element in events:
            if element.tag not in _SAMPLES:
                continue
            seen = True
            if event == "start":
                depth += 1
                continue
            depth -= 1
            if depth == 0:  # those within another are parts of it
                rows.append(_row(element))
                element.clear()
            if len(rows) >= _AT_ONCE:
                progress(part.done, size)
                yield _requests(rows)
                rows = []
    except ET.ParseError:
        if not seen:
            raise
    if rows:
        yield _requests(rows)


def _row(element: ET.Element) -> tuple[float, float, str, bool, str, float]:
    said = " ".join(filter(None, (element.get("rc"), element.get("rm"))))
    return (
        _number(element.get("ts")) / 1000,
        _number(element.get("t")),
        f"sample {element.get('lb', '')}",
        element.get("s", "").lower() != "true",
        said,
        _number(element.get("na")),
    )


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return np.nan


def _requests(rows: list[tuple[float, float, str, bool, str, float]]) -> Requests:
    moments, elapsed, labels, failed, errors, threads = zip(*rows, strict=True)
    moments_s = np.array(moments)
    return Requests(
        moments_s=moments_s,
        latency_ms=np.array(elapsed),
        endpoints=_labels(labels),
        failed=np.array(failed),
        errors=_labels(errors),
        gauges=(Gauge("users", moments_s, np.array(threads)),),
    )


def _labels(texts: tuple[str, ...]) -> Labels:
    known = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    return Labels(list(known), np.array([known[text] for text in texts], np.int64))


READERS.register("jmeter xml", JMeterXml())
