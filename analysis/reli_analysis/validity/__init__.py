"""Can this run be believed? One file a check; each answers with a finding, or has nothing to say.

A new check is one file with a function of a run, registered at its end, and a name in the import.
"""

from reli_analysis.validity import (
    clock,
    complete,
    delivered,
    gaps,
    generator,
    idle_target,
    measured,
    names,
    plausible,
    restarts,
    sampling,
    short,
    shortened,
    stopped,
    targets,
    user_pool,
    workers,
)
from reli_analysis.validity.base import CHECKS, Check, check_run

__all__ = [
    "CHECKS",
    "Check",
    "check_run",
    "clock",
    "complete",
    "delivered",
    "gaps",
    "generator",
    "idle_target",
    "measured",
    "names",
    "plausible",
    "restarts",
    "sampling",
    "short",
    "shortened",
    "stopped",
    "targets",
    "user_pool",
    "workers",
]
