"""What a comparison can say, of one row and of the whole, and the exit codes of it."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(enum.StrEnum):
    """The word of a row, and of a comparison."""

    PASS = "PASS"  # noqa: S105 -- a verdict, not a password
    IMPROVED = "IMPROVED"
    REGRESSED = "REGRESSED"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"

    @property
    def verdict(self) -> Verdict:
        """The verdict that a gate takes from it: IMPROVED passes, REGRESSED fails."""
        match self:
            case Outcome.PASS | Outcome.IMPROVED:
                return Verdict.PASS
            case Outcome.REGRESSED:
                return Verdict.FAIL
            case Outcome.INCONCLUSIVE:
                return Verdict.INCONCLUSIVE
            case Outcome.INVALID:
                return Verdict.INVALID

    @property
    def exit_code(self) -> int:
        return self.verdict.exit_code


WORST_FIRST = (
    Outcome.INVALID,
    Outcome.REGRESSED,
    Outcome.INCONCLUSIVE,
    Outcome.IMPROVED,
    Outcome.PASS,
)

MEANINGS = {
    Outcome.PASS: "no row got worse by its floor or more, and there were enough data to say so",
    Outcome.IMPROVED: "no row got worse by its floor or more, and at least one got better",
    Outcome.REGRESSED: "at least one row got worse by more than its floor and more than noise",
    Outcome.INCONCLUSIVE: "nothing was shown to be worse, but not everything shown to be no worse",
    Outcome.INVALID: "the runs cannot be compared, or one of them cannot be believed",
}


def overall(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst in the order INVALID, REGRESSED, INCONCLUSIVE, IMPROVED, PASS; none is no PASS."""
    found = set(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in found), Outcome.INCONCLUSIVE)


class HasOutcome(Protocol):
    """A row of a comparison, or of a history."""

    @property
    def outcome(self) -> Outcome: ...


RowT = TypeVar("RowT", bound=HasOutcome)


def worst_first(rows: Iterable[RowT]) -> list[RowT]:
    """REGRESSED, INCONCLUSIVE, IMPROVED, PASS; within each, in the order that they have."""
    return sorted(rows, key=lambda row: WORST_FIRST.index(row.outcome))
