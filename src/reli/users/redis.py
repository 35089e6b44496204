"""Drives a Redis server, or what speaks its protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from locust.exception import StopTest

from reli.users.kinds import KINDS
from reli.users.service import ServiceUser

if TYPE_CHECKING:
    from gevent.pool import Group
    from locust.env import Environment


class RedisUser(ServiceUser):
    """A user whose ``client`` is a ``redis.Redis`` with a connection of its own.

    Each command is a request of type ``REDIS`` under the command's name; one that fails returns
    ``None``, so that the load goes on::

        class Shop(RedisUser):
            @task
            def look(self):
                self.client.get("price:7")

    A pipeline is measured as a block: ``with self.measure("checkout"), self.client.pipeline() as
    commands: ...``. The client repeats nothing by itself: a repeated command would hide a failure
    and be measured as one slow answer. Needs the extra ``reli[redis]``; the host is a URL such as
    ``redis://127.0.0.1:6379/0``.
    """

    abstract = True
    request_type: ClassVar[str] = "REDIS"
    connect_timeout_s: ClassVar[float] = 5.0
    answer_timeout_s: ClassVar[float] = 10.0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.client = self._connected()
        self._execute = self.client.execute_command
        # Every command of the client ends in this one method.
        self.client.execute_command = self._measured

    def _connected(self) -> Any:
        """A client that will connect at its first command."""
        try:
            import redis  # noqa: PLC0415 -- an optional extra
            from redis.backoff import NoBackoff  # noqa: PLC0415 -- as above
            from redis.retry import Retry  # noqa: PLC0415 -- as above
        except ImportError:
            raise StopTest("RedisUser needs redis-py: pip install 'reli[redis]'") from None
        try:
            return redis.Redis.from_url(
                self.host or "",
                socket_connect_timeout=self.connect_timeout_s,
                socket_timeout=self.answer_timeout_s,
                retry=Retry(NoBackoff(), 0),
                max_connections=1,
            )
        except ValueError as error:
            raise StopTest(
                f'"{self.host}" is no host for {type(self).__name__}: {error}; '
                "write for example --host redis://127.0.0.1:6379/0"
            ) from None

    def _measured(self, *command: Any, **options: Any) -> Any:
        return self.call(str(command[0]), self._execute, *command, **options)

    def start(self, group: Group) -> Any:
        """Start the user; its connection closes when it ends."""
        greenlet = super().start(group)
        greenlet.rawlink(lambda _ended: self.client.close())
        return greenlet


KINDS.register("redis", RedisUser)
