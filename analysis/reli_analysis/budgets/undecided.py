"""How an evaluator says that it cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Undecided(Exception):  # noqa: N818 -- an answer, not an error
    """Too little is known for a verdict; becomes an INCONCLUSIVE finding with this reason.

    ``advice`` is one sentence on what would make it known.
    """

    def __init__(
        self,
        reason: str,
        *,
        observed: float | None = None,
        evidence: Mapping[str, Any] | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(reason)
        self.observed = observed
        self.evidence = dict(evidence or {})
        self.advice = advice
