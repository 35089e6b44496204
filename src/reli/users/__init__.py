"""User classes for Locust; one file a kind of wrapped service."""

from reli.users.kinds import KINDS
from reli.users.lean_http import LeanHttpUser
from reli.users.postgres import PostgresUser
from reli.users.redis import RedisUser
from reli.users.service import ServiceUser

__all__ = ["KINDS", "LeanHttpUser", "PostgresUser", "RedisUser", "ServiceUser"]
