"""Reads and writes a PostgreSQL server as a small ledger does.

    locust -f locustfiles/postgres.py --headless --host postgresql://postgres@127.0.0.1:5432/postgres
    locust -f locustfiles/postgres.py --headless --host ... --target port:5432

It makes a table of its own, reli_accounts, and moves money between a fixed number of accounts.
"""

from __future__ import annotations

import random

from locust import constant, events, task

from reli.users import PostgresUser
from reli.wiring import install

install(events)

ACCOUNTS = 1_000

SET_UP = """
SELECT pg_advisory_xact_lock(7301);
CREATE TABLE IF NOT EXISTS reli_accounts (id int PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO reli_accounts SELECT id, 1000 FROM generate_series(1, {accounts}) AS id
    ON CONFLICT DO NOTHING;
"""


class Teller(PostgresUser):
    """Mostly looks at an account, sometimes moves money from one to another."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """Make the table, once for all tellers."""
        self.query(SET_UP.format(accounts=ACCOUNTS), name="set up")

    @task(8)
    def look(self) -> None:
        account = random.randint(1, ACCOUNTS)
        self.query("SELECT balance FROM reli_accounts WHERE id = %s", [account], name="look")

    @task(2)
    def move(self) -> None:
        # The lower number first, so that no two tellers wait for each other.
        first, second = sorted(random.sample(range(1, ACCOUNTS + 1), 2))
        change = "UPDATE reli_accounts SET balance = balance + %s WHERE id = %s"
        with self.measure("move"), self.connection().transaction():
            self.connection().execute(change, [-1, first])
            self.connection().execute(change, [1, second])
