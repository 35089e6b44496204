"""Which chart shows which fitted trend and which change point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.drawn.evidence import Change, Fit


class _Placed(Protocol):
    @property
    def metric(self) -> str: ...


_Any = TypeVar("_Any", bound=_Placed)

_SPELLED = {"rss": "rss_bytes", "uss": "uss_bytes", "throughput": "completed_per_s"}
"""Words of budgets that are no column's name."""


@dataclass(frozen=True)
class Place:
    """A chart as far as placing goes: its columns, and its target; ``None`` for the whole run.

    ``whole`` is set where the run's columns are those of the only target.
    """

    columns: frozenset[str]
    source: str | None = None
    whole: bool = False


class Placing:
    """Hands out each trend and each change to the first chart that shows its quantity."""

    def __init__(
        self, fits: Iterable[Fit], changes: Iterable[Change], sources: Iterable[str]
    ) -> None:
        self._fits, self._changes = list(fits), list(changes)
        self._sources = frozenset(sources)

    def fits(self, place: Place) -> list[Fit]:
        return _take(
            self._fits, [f for f in self._fits if self._belongs(f.metric, f.source, place)]
        )

    def changes(self, place: Place) -> list[Change]:
        return [c for c in self._changes if self._belongs(c.metric, c.source, place)]

    @property
    def left(self) -> Sequence[Fit]:
        """The trends that no chart has shown."""
        return tuple(self._fits)

    def _belongs(self, metric: str, source: str, place: Place) -> bool:
        if column_of(metric) not in place.columns:
            return False
        of_a_target = source in self._sources
        if place.source is None:
            return not of_a_target
        return source == place.source or (place.whole and not of_a_target)


def column_of(metric: str) -> str:
    """``p95`` and ``p95_ms`` are one column; so are ``rss`` and ``rss_bytes``."""
    if metric in _SPELLED:
        return _SPELLED[metric]
    is_quantile = metric.removeprefix("service_")[:1] == "p" and metric[-1:].isdigit()
    return f"{metric}_ms".replace(".", "") if is_quantile else metric


def _take(from_: list[_Any], some: list[_Any]) -> list[_Any]:
    for one in some:
        from_.remove(one)
    return some
