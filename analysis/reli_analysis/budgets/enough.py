"""How much data a claim needs.

Assumptions of all: requests are independent and alike. Both are optimistic, so these are the least
numbers that can be defended, not comfortable ones.
"""

from __future__ import annotations

import math

ALPHA = 0.05
"""The risk that is accepted: one claim in twenty that chance alone would have made."""

REQUESTS_FOR_MEAN = 30
"""The usual rule for a mean to say something at all; fewer are a handful of single requests."""


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
