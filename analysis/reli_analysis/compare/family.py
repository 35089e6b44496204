"""Makes the rows of some endpoints, which are corrected for their number together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.compare.decide import Among, decide
from reli_analysis.compare.effect import effect_of
from reli_analysis.compare.measured import Measured, Missing
from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.outcome import Outcome
from reli_analysis.compare.row import Row
from reli_analysis.multiplicity import q_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.effect import Effect
    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.metrics import Metric
    from reli_analysis.compare.settings import Settings

_MAY_BE_RARE = "p99"
"""Of an endpoint with too few requests this is left out and told; the others are INCONCLUSIVE."""


@dataclass(frozen=True)
class Sides:
    """The runs of the base and those of the candidate."""

    base: tuple[MeasuredRun, ...]
    candidate: tuple[MeasuredRun, ...]

    @property
    def runs(self) -> tuple[MeasuredRun, ...]:
        return (*self.base, *self.candidate)

    def without(self, endpoint: str) -> list[MeasuredRun]:
        """The runs that do not know an endpoint."""
        return [r for r in self.runs if endpoint != OVERALL and endpoint not in r.endpoints]


@dataclass(frozen=True)
class Rows:
    """Rows in the order of endpoints and metrics, and sentences on what has none."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]


def make_rows(endpoints: Sequence[str], sides: Sides, settings: Settings) -> Rows:
    """The rows of these endpoints."""
    effects: list[tuple[str, Metric, Effect]] = []
    rows: list[Row] = []
    notes: list[str] = []
    for endpoint in endpoints:
        metrics = [m for m in settings.metrics if m.by_endpoint or endpoint == OVERALL]
        if metrics and (absent := sides.without(endpoint)):
            message = _only_in_some(endpoint, sides, absent)
            if "endpoints" in settings.allow:
                notes.append(message)
            else:
                rows.append(Row(endpoint, metrics[0], Outcome.INCONCLUSIVE, message))
            continue
        for metric in metrics:
            base, candidate = (_values(s, endpoint, metric) for s in (sides.base, sides.candidate))
            if not isinstance(base, str) and not isinstance(candidate, str):
                effects.append((endpoint, metric, effect_of(metric, base, candidate)))
                continue
            why = base if isinstance(base, str) else str(candidate)
            rare = endpoint != OVERALL and metric.name == _MAY_BE_RARE
            if not settings.explicit and (rare or _nowhere(sides, endpoint, metric)):
                notes.append(f"{metric.label}{_of(endpoint)} is not compared: {why}")
            else:
                what = f"{metric.label}{_of(endpoint)}"
                message = f"{what} cannot be compared, and no data is no PASS: {why}"
                rows.append(Row(endpoint, metric, Outcome.INCONCLUSIVE, message))
    among = Among(len(effects), max(len(sides.base), len(sides.candidate)))
    q = q_values([effect.p_value for *_, effect in effects])
    rows += [decide(*one, q_value, among) for one, q_value in zip(effects, q, strict=True)]
    place = {endpoint: at for at, endpoint in enumerate(endpoints)}
    order = {metric.name: at for at, metric in enumerate(settings.metrics)}
    rows.sort(key=lambda row: (place[row.endpoint], order[row.metric.name]))
    return Rows(tuple(rows), tuple(notes))


def _of(endpoint: str) -> str:
    return f" of {endpoint}" if endpoint != OVERALL else ""


def _only_in_some(endpoint: str, sides: Sides, absent: Sequence[MeasuredRun]) -> str:
    known = [[endpoint in run.endpoints for run in side] for side in (sides.base, sides.candidate)]
    if all(known[0]) and not any(known[1]):
        return f"{endpoint} is in the base only: the candidate never asked for it"
    if all(known[1]) and not any(known[0]):
        return f"{endpoint} is in the candidate only: there is nothing to compare it with"
    return (
        f"{endpoint} is missing in {len(absent)} of {len(sides.runs)} runs, as in {absent[0].title}"
    )


def _values(runs: Sequence[MeasuredRun], endpoint: str, metric: Metric) -> list[Measured] | str:
    """The number of each run; or, when one has none, why."""
    found = [run.numbers[endpoint, metric.name] for run in runs]
    for run, number in zip(runs, found, strict=True):
        if isinstance(number, Missing):
            return f"{run.title} {number.why}"
    return [number for number in found if isinstance(number, Measured)]


def _nowhere(sides: Sides, endpoint: str, metric: Metric) -> bool:
    """Whether no run has it, though all could: a resource that nobody sampled."""
    resource = not metric.by_endpoint
    loadless = all(run.info is not None and not run.info.load for run in sides.runs)
    numbers = [run.numbers[endpoint, metric.name] for run in sides.runs]
    return (resource or loadless) and all(isinstance(number, Missing) for number in numbers)
