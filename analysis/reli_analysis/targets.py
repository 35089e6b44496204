"""Which of the targets that a run names were ever there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.courses import TARGET

if TYPE_CHECKING:
    from reli_analysis.series import Run

_SOURCE_IS_TARGET = 2
"""Since this version of the format a row's source is the target's text."""


def tells_targets(run: Run) -> bool:
    """Whether the input says of each sample which target it is of."""
    return (
        run.info is not None
        and run.info.format_version >= _SOURCE_IS_TARGET
        and len(run.sampled) > 0
    )


def never_there(run: Run) -> tuple[str, ...]:
    """The targets of which nothing was ever sampled; none for input that does not tell."""
    if run.info is None or not tells_targets(run):
        return ()
    seen = {one.source for one in run.sampled if one.role == TARGET}
    seen |= {one.source for one in run.published}
    return tuple(
        text for text in run.info.targets if not any(is_of(source, text) for source in seen)
    )


def is_of(source: str, target: str) -> bool:
    """Whether a row's source is a target, or one of the several that a target (an agent) reads."""
    return source == target or source.startswith(f"{target}/")
