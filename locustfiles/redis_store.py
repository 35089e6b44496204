"""Reads and writes a Redis server as a cache in front of a shop does.

locust -f locustfiles/redis_store.py --headless --host redis://127.0.0.1:6379/0
locust -f locustfiles/redis_store.py --headless --host ... --target name:redis-server

Its keys begin with "reli:".
"""

from __future__ import annotations

import random

from locust import constant, events, task

from reli.users import RedisUser
from reli.wiring import install

install(events)

KEYS = 10_000
VALUE = b"x" * 512


class Visitor(RedisUser):
    """Mostly looks, sometimes changes; every entry expires, so that the store stays bounded."""

    wait_time = constant(0)

    def key(self) -> str:
        return f"reli:{random.randrange(KEYS)}"

    @task(8)
    def look(self) -> None:
        self.client.get(self.key())

    @task(2)
    def change(self) -> None:
        self.client.set(self.key(), VALUE, ex=600)

    @task(1)
    def count(self) -> None:
        self.client.incr("reli:visits")
