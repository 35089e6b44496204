"""Many tests at once: how sure each must be so that few of those that are called are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def q_values(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's adjusted p-values (JRSS B 57, 1995).

    The q-value of the i-th smallest of m p-values is the least of p(j) m / j over j >= i. Tests with
    q <= a hold at most a share a of false discoveries on average, for tests that are independent or
    depend positively (Benjamini and Yekutieli, 2001), as the latencies, or the memory and the
    descriptors, of one process do.
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    adjusted = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    q = np.empty(len(p))
    q[order] = adjusted
    return [float(value) for value in q]
