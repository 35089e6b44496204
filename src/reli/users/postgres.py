"""Drives a PostgreSQL server, or what speaks its protocol."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from locust.exception import StopTest

from reli.users.kinds import KINDS
from reli.users.service import ServiceUser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gevent.pool import Group
    from locust.env import Environment


class PostgresUser(ServiceUser):
    """A user with one connection to a PostgreSQL server, opened when it is first needed.

    Each statement is a request of type ``SQL`` under the name it is given, or its own text; what it
    answers is a list of tuples. One that fails returns ``None``, so that the load goes on; after a
    lost connection the next statement opens another, and its time counts::

        class Shop(PostgresUser):
            @task
            def look(self):
                self.query("SELECT price FROM goods WHERE id = %s", [7], name="price")

    Several statements are measured as one with ``with self.measure("pay"):`` around
    ``self.connection()``, a ``psycopg.Connection`` that commits each statement by itself unless
    its ``transaction()`` is used. Needs the extra ``reli[postgres]``; the host is a URL such as
    ``postgresql://user@127.0.0.1:5432/shop``.
    """

    abstract = True
    request_type: ClassVar[str] = "SQL"
    connect_timeout_s: ClassVar[int] = 5
    statement_timeout_s: ClassVar[float] = 10.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        try:
            import psycopg  # noqa: PLC0415 -- an optional extra
        except ImportError:
            raise StopTest("PostgresUser needs psycopg: pip install 'reli[postgres]'") from None
        self._psycopg = psycopg
        self._connection: Any = None
        try:
            psycopg.conninfo.conninfo_to_dict(self.host or "")
        except psycopg.ProgrammingError as error:
            raise StopTest(
                f'"{self.host}" is no host for {type(self).__name__}: {str(error).strip()}; '
                "write for example --host postgresql://user@127.0.0.1:5432/shop"
            ) from None

    def query(
        self,
        statement: str,
        parameters: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
    ) -> list[tuple[Any, ...]] | None:
        """Send one statement; its rows (none for one that returns nothing), or ``None`` on failure."""
        return self.call(name or statement, self._query, statement, parameters)

    def _query(self, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
        cursor = self.connection().execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    def connection(self) -> Any:
        """The user's ``psycopg.Connection``, opened anew when it is closed or broken."""
        if self._connection is None or self._connection.closed:
            self._connection = self._psycopg.connect(
                self.host or "",
                autocommit=True,
                connect_timeout=self.connect_timeout_s,
                options=f"-c statement_timeout={round(self.statement_timeout_s * 1000)}",
            )
        return self._connection

    def start(self, group: Group) -> Any:
        """Start the user; its connection closes when it ends."""
        greenlet = super().start(group)
        greenlet.rawlink(lambda _ended: self._close())
        return greenlet

    def _close(self) -> None:
        with suppress(self._psycopg.Error):
            if self._connection is not None:
                self._connection.close()


KINDS.register("postgres", PostgresUser)
