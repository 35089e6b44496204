"""Lines of the Prometheus text format, each read by itself: one that is broken spoils no other.

``prometheus_client`` reads a page as a whole, at many times the cost, and gives up at the first
line that is not right; here who reads picks the lines that it wants first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Labels = tuple[tuple[str, str], ...]
"""Labels by name, in the order of their names."""

_MOST_KEPT = 10_000

_SAMPLE = re.compile(
    r"(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)[ \t]*"
    r"(?:\{(?P<labels>[^\"}]*(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\"[^\"}]*)*)\})?[ \t]*"
    r"(?P<value>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?i:inf|nan))"
    # What may follow, a time and in OpenMetrics an exemplar, is not ours.
    r"(?:[ \t]+[0-9.eE+-]+)?(?:[ \t]+#.*|[ \t]*)"
)
_LABEL = re.compile(
    r"[ \t]*(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"
    r"\"(?P<value>[^\"\\]*(?:\\.[^\"\\]*)*)\"[ \t]*(?:,[ \t]*|\Z)"
)
_ESCAPED = re.compile(r"\\([\\n\"])")
_UNESCAPED = {"n": "\n"}
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a page: a series and its value, which may be infinite or NaN."""

    name: str
    labels: Labels
    value: float


class LineReader:
    """Reads lines; labels that come again with each page are taken apart once, in bounds."""

    def __init__(self) -> None:
        self._labels: dict[str, Labels | None] = {"": ()}

    def read(self, line: str) -> Sample | None:
        """The sample of a line without its end; ``None`` for what is none."""
        found = _SAMPLE.fullmatch(line)
        if found is None:
            return None
        labels = self._read_labels(found["labels"] or "")
        return None if labels is None else Sample(found["name"], labels, float(found["value"]))

    def _read_labels(self, text: str) -> Labels | None:
        if text in self._labels:
            return self._labels[text]
        if len(self._labels) >= _MOST_KEPT:
            self._labels = {"": ()}
        labels = self._labels[text] = parse_labels(text)
        return labels


def parse_labels(text: str) -> Labels | None:
    """What stands between the braces; ``None`` when it is not labels, or names one twice."""
    labels: dict[str, str] = {}
    at = 0
    while at < len(text) and not (labels and text[at:].isspace()):
        found = _LABEL.match(text, at)
        if found is None or found["name"] in labels:
            return None
        labels[found["name"]] = _ESCAPED.sub(
            lambda escape: _UNESCAPED.get(escape[1], escape[1]), found["value"]
        )
        at = found.end()
    return tuple(sorted(labels.items()))


def show_labels(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as the format has them, with their braces; nothing when there are none."""
    shown = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
    return f"{{{shown}}}" if shown else ""
