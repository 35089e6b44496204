"""The three answers, as evidence and reports spell them."""

from __future__ import annotations

import enum


class Says(enum.StrEnum):
    """There is a leak; there is none above a rate; or it cannot be told yet."""

    LEAK = "LEAK"
    NONE = "NO LEAK ABOVE"
    UNKNOWN = "INCONCLUSIVE"
