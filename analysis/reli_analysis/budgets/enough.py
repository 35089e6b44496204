"""How much data a claim needs, and when few data already refute it.

Assumptions of all: requests are independent and alike. Both are optimistic, so these are the least
numbers that can be defended, not comfortable ones.
"""

from __future__ import annotations

import math

ALPHA = 0.05
"""The risk that is accepted: one claim in twenty that chance alone would have made."""


def requests_for_quantile(quantile: float) -> int:
    """How many requests a claim "this share stays below the limit" needs, with none above it.

    If the share were only ``quantile``, ``n`` requests would all stay below with probability
    ``quantile ** n``; the claim needs that to be at most ALPHA: n >= ln(ALPHA) / ln(quantile)
    (Wilks 1941). 59 for p95, 299 for p99.
    """
    return math.ceil(math.log(ALPHA) / math.log(quantile))


def requests_for_ratio(limit: float) -> int:
    """How many requests "fewer than this share fail" needs: the same with ``1 - limit``.

    About 3 / limit, the rule of three (Hanley and Lippman-Hand 1983). A limit of 0 asks about this
    run alone and needs one.
    """
    return requests_for_quantile(1 - limit) if 0 < limit < 1 else 1


def binomial_tail(n: int, k: int, p: float) -> float:
    """The probability of at least ``k`` hits in ``n`` independent tries of probability ``p``; exact.

    It is at most ALPHA exactly when the lower Clopper-Pearson bound (1934) of k/n lies above ``p``.
    """
    if k <= 0:
        return 1.0
    if k > n or p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    log_p, log_q = math.log(p), math.log1p(-p)
    log_n = math.lgamma(n + 1)

    def term(hits: int) -> float:
        ways = log_n - math.lgamma(hits + 1) - math.lgamma(n - hits + 1)
        return math.exp(ways + hits * log_p + (n - hits) * log_q)

    if k <= n * p:  # the shorter sum
        return 1.0 - math.fsum(term(hits) for hits in range(k))
    return math.fsum(term(hits) for hits in range(k, n + 1))


def surely_above(hits: int, n: int, share: float) -> bool:
    """Whether so many hits say that the true share lies above ``share``."""
    return binomial_tail(n, hits, share) <= ALPHA
