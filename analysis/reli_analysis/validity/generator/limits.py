"""Descriptors and sockets: how full the tables were, and the errors that a full one makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import under_load
from reli_analysis.units import format_value
from reli_analysis.validity.generator.reason import FEWEST_INTERVALS, Reason, bearable, touched

if TYPE_CHECKING:
    from reli_analysis.series import Run

FULL = 0.99
NEARLY_FULL = 0.9

OWN_ERRORS = 0.001
"""A tenth of the usual error budget of 1 %: more, and the error ratio is the generator's too."""

MORE_DESCRIPTORS = "Raise the limit of open files (ulimit -n), or run fewer users in each process."
MORE_PORTS = (
    "Let users keep their connections alive, or widen the range of ports "
    "(net.ipv4.ip_local_port_range)."
)
_MORE_MEMORY = "Give the load's host more memory for sockets and threads, or use more hosts."

_OWN = (
    ("Too many open files", r"\[Errno 2[34]\]|too many open files", MORE_DESCRIPTORS),
    (
        "Cannot assign requested address",
        r"\[Errno (?:99|49)\]|cannot assign requested address",
        MORE_PORTS,
    ),
    ("No buffer space available", r"\[Errno (?:105|55)\]|no buffer space available", _MORE_MEMORY),
    ("can't start new thread", r"can't start new thread", _MORE_MEMORY),
)
_ANSWER = re.compile(r"httperror|response|status", re.IGNORECASE)
"""Classes of errors that repeat what the target said; it may have run out of files itself."""


def descriptors(run: Run) -> Reason | None:
    """Grave when a load process had no descriptor left for longer than a percentile bears."""
    ratio = under_load(run, "generator_fds_ratio")
    full = np.nan_to_num(ratio) >= FULL
    share, limit = touched(run, full), bearable(run)
    if share > limit and full.sum() >= FEWEST_INTERVALS:
        return Reason(
            f"a load process had all its descriptors open in {format_value(share, 'ratio')} of "
            "the steady load",
            MORE_DESCRIPTORS,
            grave=True,
            observed=share,
            limit=limit,
            unit="ratio",
        )
    return _nearly_full(ratio, "a load process had {} of its descriptors open", MORE_DESCRIPTORS)


def sockets(run: Run) -> Reason | None:
    """Never grave by itself: two targets can share a port; a failed connection cannot be shared.

    What a full range of ports really costs stands in the failures; see :func:`own_errors`.
    """
    ratio = under_load(run, "sockets_ratio")
    return _nearly_full(ratio, "the load's host had TCP sockets for {} of its ports", MORE_PORTS)


def _nearly_full(ratio: np.ndarray, told: str, advice: str) -> Reason | None:
    highest = float(np.nan_to_num(ratio).max(initial=0.0))
    if highest < NEARLY_FULL:
        return None
    return Reason(told.format(format_value(highest, "ratio")), advice, grave=False)


def own_errors(run: Run) -> tuple[Reason, ...]:
    """Failures that the load's own host made, one reason a kind; grave from 0.1 % of requests on."""
    requests = run.series.get("requests")
    total = float(np.nansum(requests.values)) if requests is not None else 0.0
    reasons = []
    for name, pattern, advice in _OWN:
        looked_for = re.compile(pattern, re.IGNORECASE)
        count = sum(
            failure.count
            for failure in run.failures
            if looked_for.search(failure.text) and not _ANSWER.search(failure.error)
        )
        if not count:
            continue
        share = count / total if total > 0 else 1.0
        reasons.append(
            Reason(
                f'{count:,} requests failed with the generator\'s own "{name}"',
                advice,
                grave=share > OWN_ERRORS,
                observed=share,
                limit=OWN_ERRORS,
                unit="ratio",
            )
        )
    return tuple(reasons)
