"""Says once that something is wrong, and once that it is well again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SAY_AGAIN_S = 60.0


class Trouble:
    """One thing that may be wrong; ``tell`` gets a sentence, and ``tell_well`` that it is over.

    What changes from sample to sample is told at most once a minute: its events would grow with the
    run.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        *,
        well: str,
        tell_well: Callable[[str], None] | None = None,
    ) -> None:
        self._tell = tell
        self._tell_well = tell_well or tell
        self._well = well
        self._told = ""
        self._told_s = -math.inf
        self._times = 0

    def has(self, said: str, elapsed_s: float) -> None:
        """It is wrong at this moment of the run, as the sentence says."""
        self._times += 1
        if said != self._told and elapsed_s - self._told_s >= _SAY_AGAIN_S:
            self._tell(said)
            self._told, self._told_s = said, elapsed_s

    def is_well(self) -> None:
        """It is not, or no longer, wrong."""
        if self._told:
            times = "once" if self._times == 1 else f"{self._times:,} times"
            self._tell_well(f"{self._well} (it failed {times})")
        self._told = ""
        self._times = 0
