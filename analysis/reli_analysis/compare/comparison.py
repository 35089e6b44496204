"""From runs to a comparison: rows for everything and for each endpoint, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.compare.effect import ENOUGH_FREEDOM
from reli_analysis.compare.family import Sides, make_rows
from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.outcome import Outcome, overall
from reli_analysis.compare.same import checks, differences
from reli_analysis.compare.shift import shift_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.row import Row
    from reli_analysis.compare.same import Difference
    from reli_analysis.compare.settings import Settings
    from reli_analysis.compare.shift import Shift


@dataclass(frozen=True)
class Comparison:
    """Two sides of one or more runs, and all that was found.

    ``refusals`` make it INVALID, ``warnings`` are only said; ``assumed_noise`` tells that the noise
    between runs was assumed, because there were too few repeats to show it.
    """

    base: tuple[MeasuredRun, ...]
    candidate: tuple[MeasuredRun, ...]
    outcome: Outcome
    rows: tuple[Row, ...]
    refusals: tuple[Difference, ...]
    warnings: tuple[Difference, ...]
    notes: tuple[str, ...]
    shifts: tuple[Shift, ...]
    settings: Settings

    @property
    def runs(self) -> tuple[MeasuredRun, ...]:
        return (*self.base, *self.candidate)

    @property
    def assumed_noise(self) -> bool:
        return len(self.runs) - 2 < ENOUGH_FREEDOM

    @property
    def of_each(self) -> int | None:
        """The most runs of each that any INCONCLUSIVE row asks for; ``None`` when none does."""
        return max((row.of_each for row in self.rows if row.of_each is not None), default=None)


def compare_runs(
    base: Sequence[MeasuredRun], candidate: Sequence[MeasuredRun], settings: Settings
) -> Comparison:
    """Compare two sides, none of which is empty.

    Everything together and the endpoints are two families of rows, each corrected for its size.
    """
    sides = Sides(tuple(base), tuple(candidate))
    everything = make_rows([OVERALL], sides, settings)
    names = settings.wants({name for run in sides.runs for name in run.endpoints})
    endpoints = make_rows(names, sides, settings)
    rows = (*everything.rows, *endpoints.rows)
    apart = [*differences(base, candidate), *checks(sides.runs)]
    refusals = tuple(d for d in apart if d.grave and d.name not in settings.allow)
    warnings = tuple(d for d in apart if d not in refusals)
    outcomes = [row.outcome for row in rows]
    if refusals:
        outcomes.append(Outcome.INVALID)
    if "checks" not in settings.allow and any(d.name == "checks" for d in warnings):
        outcomes.append(Outcome.INCONCLUSIVE)
    notes = [note for run in sides.runs for note in run.notes]
    return Comparison(
        base=sides.base,
        candidate=sides.candidate,
        outcome=overall(outcomes),
        rows=rows,
        refusals=refusals,
        warnings=warnings,
        notes=tuple(dict.fromkeys([*notes, *everything.notes, *endpoints.notes])),
        shifts=_shifts([OVERALL, *names], sides),
        settings=settings,
    )


def _shifts(endpoints: Sequence[str], sides: Sides) -> tuple[Shift, ...]:
    found = (shift_of(endpoint, sides.base, sides.candidate) for endpoint in endpoints)
    return tuple(shift for shift in found if shift is not None)
