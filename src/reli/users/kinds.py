"""The kinds of users that ship, by name; ``reli users`` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from locust import User

KINDS: Registry[type[User]] = Registry("user kind")
