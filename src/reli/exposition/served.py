"""One metric as it is served: its name, type, labels and meaning, and its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from prometheus_client.core import Metric

from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reli.exposition.snapshot import Snapshot

_LONGEST_LABEL = 200

Sample: TypeAlias = tuple[tuple[str, ...], float | None]
"""Label values in the order of the labels, and the value; ``None`` is left out."""


@dataclass(frozen=True)
class Served:
    """``kind`` is gauge, counter, summary or histogram; ``name`` is the one that is asked for."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()

    def of(self, value: float | None) -> Metric:
        """With one value and no labels."""
        return self.samples([((), value)])

    def samples(self, samples: Iterable[Sample]) -> Metric:
        """With a value for each set of labels: one more of the same set is left out."""
        metric = self.family()
        seen: set[tuple[str, ...]] = set()
        for texts, value in samples:
            labels = tuple(map(label, texts))
            if value is not None and labels not in seen:
                seen.add(labels)
                metric.add_sample(self.name, dict(zip(self.labels, labels, strict=True)), value)
        return metric

    def family(self) -> Metric:
        """Without samples yet."""
        return Metric(self.name.removesuffix("_total"), self.meaning, self.kind)


def label(text: str) -> str:
    """A text from outside as the value of a label: one line of visible characters, not too long."""
    return shorten(one_line(text), _LONGEST_LABEL)


@dataclass(frozen=True)
class Group:
    """Metrics of one matter: all that it may serve, and what it does of an interval."""

    metrics: tuple[Served, ...]
    collect: Callable[[Snapshot], Iterable[Metric]]
