"""PostgreSQL: transactions, sessions that come and go, statements and sessions that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psutil
import psycopg
from real_programs.case import FDS, RSS, Case

from support.databases import Postgres

if TYPE_CHECKING:
    from pathlib import Path

    from support.servers import Server

_ROWS = 1000
_ONE_IN = 25


class _Client:
    def __init__(self, server: Server) -> None:
        self._url = f"postgresql://postgres@127.0.0.1:{server.port}/postgres"
        self._session = self._opened()
        self._do("CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, n int)")
        self._do(
            f"INSERT INTO t SELECT i, 0 FROM generate_series(1, {_ROWS}) i ON CONFLICT DO NOTHING"
        )

    def _opened(self) -> Any:
        return psycopg.connect(self._url, autocommit=True, prepare_threshold=None)

    def _do(self, text: str) -> None:
        self._session.execute(text)

    def leaked(self) -> float:
        return 0.0


class Transactions(_Client):
    """Each changes one row and reads some."""

    def ask(self, number: int) -> None:
        self._do(f"UPDATE t SET n = n + 1 WHERE id = {number % _ROWS + 1}")
        self._do("SELECT count(*), sum(n) FROM t WHERE id < 100")


class ShortSessions(_Client):
    """One request in 25 has a session of its own, which it closes."""

    def ask(self, number: int) -> None:
        self._do("SELECT sum(n) FROM t WHERE id < 100")
        if number % _ONE_IN == 0:
            with self._opened() as session:
                session.execute("SELECT sum(n) FROM t")


class KeptStatements(_Client):
    """Each prepares a statement that is never freed."""

    def ask(self, number: int) -> None:
        self._do("SELECT sum(n) FROM t WHERE id < 100")
        self._do(f"PREPARE p{number} AS SELECT n + {number} FROM t WHERE id = $1")
        self._do(f"EXECUTE p{number}(1)")

    def leaked(self) -> float:
        query = "SELECT sum(total_bytes) FROM pg_backend_memory_contexts"
        return float(self._session.execute(query).fetchone()[0])


class KeptSessions(_Client):
    """One request in 50 opens a session that is never closed."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._held: list[Any] = []

    def ask(self, number: int) -> None:
        self._do("SELECT sum(n) FROM t WHERE id < 100")
        if number % (2 * _ONE_IN) == 0:
            self._held.append(self._opened())
            self._held[-1].execute("SELECT sum(n) FROM t WHERE id < 100")

    def leaked(self) -> float:
        """Descriptors of the sessions' own processes."""
        return sum(psutil.Process(held.info.backend_pid).num_fds() for held in self._held)


def _server(home: Path) -> Postgres:
    del home  # it has to be where its own user may look
    return Postgres()


CASES = (
    Case("PostgreSQL", "transactions", _server, Transactions),
    Case("PostgreSQL", "sessions that come and go", _server, ShortSessions),
    Case("PostgreSQL", "prepared statements kept", _server, KeptStatements, RSS),
    Case("PostgreSQL", "sessions that never close", _server, KeptSessions, FDS),
)
