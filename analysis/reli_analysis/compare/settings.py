"""What a user can set of a comparison: floors, run-to-run noise, what is compared, what may differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli_analysis.budgets.lookup import matching, nearest_names
from reli_analysis.compare.metrics import METRICS, ORDER, Metric
from reli_analysis.errors import InputError
from reli_analysis.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALLOWED = {
    "host": "runs of different machines",
    "profile": "runs of different profiles",
    "duration": "steady windows of different lengths",
    "time-scale": "stages that were shortened or stretched differently",
    "endpoints": "endpoints that only some of the runs have",
    "checks": "runs whose own checks are INVALID or INCONCLUSIVE",
}
"""What ``--allow`` turns from a refusal into a warning, by name."""

MOST_NOISE = 1.0


@dataclass(frozen=True)
class Settings:
    """``metrics`` with their floors and noise; ``endpoints`` are patterns, all when empty.

    ``explicit`` tells that metrics were named one by one: then each must be there.
    """

    metrics: tuple[Metric, ...] = ORDER
    endpoints: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    explicit: bool = False

    def wants(self, names: Iterable[str]) -> list[str]:
        """The endpoints that are compared, in order."""
        known = sorted(names)
        if not self.endpoints:
            return known
        return sorted({name for text in self.endpoints for name in matching(known, text)})

    def check_endpoints(self, names: Iterable[str]) -> None:
        """Raise ``InputError`` for a pattern that no endpoint of any run matches."""
        known = set(names)
        for text in self.endpoints:
            if not matching(known, text):
                raise InputError(f'no run has an endpoint "{text}"; {nearest_names(text, known)}')


def make_settings(
    metrics: Sequence[str] = (),
    endpoints: Sequence[str] = (),
    floors: Sequence[str] = (),
    noise: Sequence[str] = (),
    allow: Sequence[str] = (),
) -> Settings:
    """Settings as they are written on a command line; raises ``ReliError`` in one sentence."""
    chosen = {metric.name: metric for metric in ORDER}
    for text in floors:
        name, changed = _floor(text, chosen)
        chosen[name] = changed
    for text in noise:
        chosen |= _noise(text, chosen)
    names = [METRICS.get(name).name for name in metrics]
    return Settings(
        metrics=tuple(m for m in chosen.values() if not names or m.name in names),
        endpoints=tuple(endpoints),
        allow=frozenset(allow),
        explicit=bool(names),
    )


def _floor(text: str, chosen: dict[str, Metric]) -> tuple[str, Metric]:
    """``p95=5%``, ``p95=5%,2ms`` or ``rss=20MiB``: what is not given stays as it is."""
    name, parts = _named(text, "--floor", "p95=5%,2ms")
    metric = chosen[METRICS.get(name).name]
    given: dict[str, float] = {}
    for part in parts.split(","):
        quantity = parse_quantity(part)
        value, unit = quantity.value, quantity.unit
        share = unit == "ratio" and not (metric.is_share and "relative_floor" in given)
        if (unit, metric.unit) == ("s", "ms"):
            value, unit = value * 1000, "ms"
        if not share and (unit or "count") != metric.unit:
            raise InputError(
                f'--floor "{text}": "{part.strip()}" is no floor of {name}, which is in '
                f"{metric.unit}; write for example {name}=5%"
            )
        field = "relative_floor" if share else "absolute_floor"
        if value < 0 or field in given:
            what = "is negative" if value < 0 else "is a second floor of one kind"
            raise InputError(f'--floor "{text}": "{part.strip()}" {what}')
        given[field] = value
    return name, replace(
        metric,
        relative_floor=given.get("relative_floor", metric.relative_floor),
        absolute_floor=given.get("absolute_floor", metric.absolute_floor),
    )


def _noise(text: str, chosen: dict[str, Metric]) -> dict[str, Metric]:
    """``3%`` for all metrics, ``p95=3%`` for one."""
    name, value = _named(text, "--run-noise", "3%") if "=" in text else ("", text)
    quantity = parse_quantity(value)
    if quantity.unit not in {"ratio", ""} or not 0 <= quantity.value <= MOST_NOISE:
        raise InputError(f'--run-noise "{text}" must be a share from 0% to 100%, such as 3%')
    names = [METRICS.get(name).name] if name else list(chosen)
    return {name: replace(chosen[name], run_noise_ratio=quantity.value) for name in names}


def _named(text: str, option: str, example: str) -> tuple[str, str]:
    name, sign, rest = text.partition("=")
    if not sign or not name.strip() or not rest.strip():
        raise InputError(f'{option} "{text}" is not understood; write for example {example}')
    return name.strip(), rest.strip()
