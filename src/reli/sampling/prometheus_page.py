"""Finds the wanted metrics in a page of Prometheus text, without reading the rest of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reli.sampling.exposition_text import LineReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reli.sampling.exposition_text import Sample

HISTOGRAM = "histogram"
SUMMARY = "summary"
COUNTER = "counter"
GAUGE = "gauge"

_MOST_LINES = 10_000
_PARTS = ("_bucket", "_sum", "_count")
_AFTER_NAME = re.compile(rb"(?:_bucket|_sum|_count)?[{ \t]")
_LOOKED_AT_BYTES = 1 << 16
_LOOKED_AT = 20
_TYPE = re.compile(r"[a-z]{1,20}")


@dataclass
class Family:
    """What a page has of one metric: its kind, its samples and those of its parts, if it has parts.

    ``broken`` says that some of its lines are no samples, ``cut`` that it has more than are read.
    """

    metric: str
    kind: str = GAUGE
    samples: list[Sample] = field(default_factory=list)
    broken: bool = False
    cut: bool = False


class PageReader:
    """Reads the same metrics of page after page."""

    def __init__(self, metrics: Iterable[str]) -> None:
        self._metrics = tuple(dict.fromkeys(metrics))
        self._lines = LineReader()

    def read(self, content: bytes) -> dict[str, Family]:
        """The metrics that the page has, by name.

        Raises ``ValueError`` with a sentence when it is no page of this format at all.
        """
        page = b"\n" + content
        self._check(page)
        found = {metric: self._family(page, metric) for metric in self._metrics}
        return {name: family for name, family in found.items() if family.samples or family.broken}

    def _check(self, page: bytes) -> None:
        """Whether any of the first lines is a sample, unless there is not one line."""
        lines = page[:_LOOKED_AT_BYTES].splitlines()
        if len(page) > _LOOKED_AT_BYTES:
            lines.pop()  # it may go on
        first = [line for line in lines if line.strip() and not line.startswith(b"#")][:_LOOKED_AT]
        if first and not any(self._lines.read(_text(line)) for line in first):
            raise ValueError("the page is not in the Prometheus text format")

    def _family(self, page: bytes, metric: str) -> Family:
        family = Family(metric)
        for count, line in enumerate(_lines_of(page, metric)):
            if count == _MOST_LINES:
                family.cut = True
                break
            sample = self._lines.read(_text(line))
            if sample is None:
                family.broken = True
            else:
                family.samples.append(sample)
        family.kind = _kind(page, metric, family.samples)
        if family.kind in {COUNTER, GAUGE}:
            # A metric whose name merely goes on as that of a part would.
            family.samples = [sample for sample in family.samples if sample.name == metric]
        return family


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").strip()


def _lines_of(page: bytes, metric: str) -> Iterator[bytes]:
    """The lines of a metric and of its parts; ``page`` begins with a line's end."""
    start = f"\n{metric}".encode()
    at = page.find(start)
    while at >= 0:
        end = page.find(b"\n", at + 1)
        line = page[at + 1 : end if end >= 0 else len(page)]
        if _AFTER_NAME.match(line, len(start) - 1):
            yield line
        at = page.find(start, at + 1)


def _kind(page: bytes, metric: str, samples: Sequence[Sample]) -> str:
    """What the page says of it, or else what its name and its parts say."""
    said = _said(page, metric)
    if said in {HISTOGRAM, SUMMARY, COUNTER, GAUGE}:
        return said
    for part in _PARTS:
        if metric.endswith(part) and _said(page, metric.removesuffix(part)) in {HISTOGRAM, SUMMARY}:
            return COUNTER
    if metric.endswith("_total"):
        return COUNTER
    names = {sample.name for sample in samples}
    if f"{metric}_bucket" in names and metric not in names:
        return HISTOGRAM
    return GAUGE


def _said(page: bytes, metric: str) -> str:
    mark = f"\n# TYPE {metric} ".encode()
    at = page.find(mark)
    if at < 0:
        return ""
    found = _TYPE.match(page[at + len(mark) : at + len(mark) + 20].decode("ascii", "replace"))
    return found[0] if found else ""
