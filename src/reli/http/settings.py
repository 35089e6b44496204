"""What a client is set to: how long it waits, and how much it takes."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

KIB = 1024
MIB = 1024 * KIB
_TIMEOUTS = {"connect_timeout_s", "first_byte_timeout_s", "answer_timeout_s"}


@dataclass(frozen=True)
class Settings:
    """Limits of one class of users; times in seconds, sizes in bytes.

    Raises ``ValueError`` for one that is not above 0 (``max_redirects``: not below).
    """

    connect_timeout_s: float = 10.0
    first_byte_timeout_s: float = 30.0
    answer_timeout_s: float = 60.0
    max_header_bytes: int = 64 * KIB
    max_body_bytes: int = 32 * MIB
    max_decoded_bytes: int = 64 * MIB
    max_redirects: int = 10

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (value > 0 or (value == 0 and field.name == "max_redirects")):
                raise ValueError(f"{field.name} is {value!r}; it must be above 0")

    @cached_property
    def first_wait_s(self) -> float:
        """How long a request that finds a connection waits for its first byte."""
        return min(self.first_byte_timeout_s, self.answer_timeout_s)

    def waiting(self, **timeouts: float) -> Settings:
        """These settings with other timeouts; raises ``TypeError`` for a name that is none."""
        unknown = timeouts.keys() - _TIMEOUTS
        if unknown:
            raise TypeError(f"a request has no option {min(unknown)!r}")
        return replace(self, **timeouts)  # type: ignore[arg-type]  # only the three floats
