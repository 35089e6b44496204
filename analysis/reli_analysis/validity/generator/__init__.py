"""Was the load generator itself the bottleneck? Then its latencies are its own.

Each sign is one function of a run that answers with a :class:`Reason` or with nothing. Slow answers
are no sign: a target that takes seconds while the generator idles is the target's affair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import under_load
from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.validity.generator.cpu import saturated
from reli_analysis.validity.generator.lateness import late_starts
from reli_analysis.validity.generator.limits import descriptors, own_errors, sockets
from reli_analysis.validity.generator.loop import blocked
from reli_analysis.validity.generator.reason import Reason, bearable
from reli_analysis.validity.generator.sampler import missed
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

__all__ = ["NAME", "Reason", "bearable", "check", "reasons", "was_measured"]

NAME = "generator kept up"

_SIGNS = (saturated, blocked, late_starts, descriptors, sockets, missed)
_MEASURES = ("generator_cpu_cores", "loop_lag_ms", "idle_start_delay_p99_ms")


def was_measured(run: Run) -> bool:
    """Whether the run tells of its load processes' condition at all."""
    return any(np.isfinite(under_load(run, name)).any() for name in _MEASURES)


def reasons(run: Run) -> tuple[Reason, ...]:
    """Every sign that was found, the grave ones first."""
    signs = [sign(run) for sign in _SIGNS]
    everything = [*(reason for reason in signs if reason is not None), *own_errors(run)]
    return tuple(sorted(everything, key=lambda reason: not reason.grave))


def check(run: Run) -> Finding | None:
    """INVALID with every reason, or a warning; skipped for input that says nothing of it."""
    signs = reasons(run)
    if not signs:
        return _kept_up(run) if was_measured(run) else None
    grave = signs[0].grave
    told = "; ".join(reason.message for reason in signs)
    evidence = {name: value for reason in signs for name, value in reason.evidence.items()}
    evidence[ADVICE] = _advice(signs)
    if grave:
        told += ": latencies are the generator's own, not the target's"
    return found(
        NAME,
        Verdict.INVALID if grave else Verdict.PASS,
        told,
        observed=signs[0].observed,
        limit=signs[0].limit,
        unit=signs[0].unit,
        evidence=evidence,
        warning=not grave,
    )


def _advice(signs: tuple[Reason, ...]) -> str:
    """What to do about all of them; what another one says too is said once."""
    all_of_it = list(dict.fromkeys(reason.advice for reason in signs))
    return " ".join(
        one for one in all_of_it if not any(one in other for other in all_of_it if other != one)
    )


def _kept_up(run: Run) -> Finding:
    cores = under_load(run, "generator_cpu_cores")
    known = cores[np.isfinite(cores)]
    median = float(np.median(known)) if len(known) else None
    told = "the load generator kept up" + (
        f", {median:.2f} cores at the median" if known.any() else ""
    )
    return found(
        NAME,
        Verdict.PASS,
        told,
        observed=median,
        unit="cores",
        evidence={"generator_cpu_cores_median": median},
    )


CHECKS.register(NAME, of_load(check))
