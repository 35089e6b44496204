"""Users of Redis and PostgreSQL, against real servers that come and go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from locust.env import Environment
from locust.exception import StopTest

from reli.users import PostgresUser, RedisUser
from support.databases import Postgres, Redis


class _Cache(RedisUser):
    abstract = True


class _Ledger(PostgresUser):
    abstract = True
    statement_timeout_s = 0.3


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def heard() -> list[tuple[str, str, str | None]]:
    """Type, name and class of error of each request."""
    return []


def _environment(host: str, heard: list[tuple[str, str, str | None]]) -> Environment:
    environment = Environment(host=host)

    def hear(**request: Any) -> None:
        error = request["exception"]
        kind = type(error).__name__ if error else None
        heard.append((request["request_type"], request["name"], kind))

    environment.events.request.add_listener(hear)
    return environment


def _user(kind: Any, host: str, heard: list[tuple[str, str, str | None]]) -> Any:
    kind.host = host
    return kind(_environment(host, heard))


def test_each_redis_command_is_a_request(
    redis: Redis, heard: list[tuple[str, str, str | None]]
) -> None:
    """Its answer comes back; one that fails is a failure and answers None."""
    user = _user(_Cache, redis.url, heard)
    user.client.set("list", "x")
    assert user.client.get("list") == b"x"
    assert user.client.lpush("list", 1) is None
    with user.measure("pipeline"), user.client.pipeline() as commands:
        commands.incr("n").incr("n").execute()
    user.client.close()
    assert heard == [
        ("REDIS", "SET", None),
        ("REDIS", "GET", None),
        ("REDIS", "LPUSH", "ResponseError"),
        ("REDIS", "pipeline", None),
    ]


def test_a_statement_is_a_request(
    postgres: Postgres, heard: list[tuple[str, str, str | None]]
) -> None:
    """Rows come back; one that fails or lasts too long is a failure, and the next one works."""
    user = _user(_Ledger, postgres.url, heard)
    assert user.query("SELECT %s::int + 1", [1], name="add") == [(2,)]
    assert user.query("SELECT nothing") is None
    assert user.query("SELECT pg_sleep(5)", name="sleep") is None
    assert user.query("CREATE TEMPORARY TABLE t ()", name="make") == []
    user.connection().close()
    assert heard == [
        ("SQL", "add", None),
        ("SQL", "SELECT nothing", "UndefinedColumn"),
        ("SQL", "sleep", "QueryCanceled"),
        ("SQL", "make", None),
    ]


def test_users_wait_for_a_database_side_by_side(
    postgres: Postgres, heard: list[tuple[str, str, str | None]]
) -> None:
    """The client waits in gevent: no user's statement holds up another's."""
    users = [_user(_Ledger, postgres.url, heard) for _ in range(5)]
    asleep = []

    def sleep(user: PostgresUser) -> None:
        began = time.monotonic()
        user.query("SELECT pg_sleep(0.2)", name="sleep")
        asleep.append((began, time.monotonic()))
        user.connection().close()

    gevent.joinall([gevent.spawn(sleep, user) for user in users], timeout=10)
    assert len(asleep) == 5
    assert max(began for began, _ in asleep) < min(ended for _, ended in asleep), "all at once"


def test_a_lost_server_is_asked_again(
    redis: Redis, postgres: Postgres, heard: list[tuple[str, str, str | None]]
) -> None:
    """What is asked while it is away fails; what is asked afterwards does not."""
    cache, ledger = _user(_Cache, redis.url, heard), _user(_Ledger, postgres.url, heard)
    cache.client.ping()
    ledger.query("SELECT 1", name="one")
    for server in (redis, postgres):
        server.kill()
    cache.client.ping()
    ledger.query("SELECT 1", name="one")
    ledger.query("SELECT 1", name="one")
    for server in (redis, postgres):
        server.start()
    cache.client.ping()
    ledger.query("SELECT 1", name="one")
    errors = [error for _type, _name, error in heard]
    assert errors[:2] == [None, None]
    assert None not in errors[2:5]
    assert errors[5:] == [None, None], heard
    cache.client.close()
    ledger.connection().close()


@pytest.mark.parametrize(("kind", "host"), [(_Cache, "127.0.0.1"), (_Ledger, "http://x")])
def test_a_wrong_host_is_one_sentence(kind: Any, host: str) -> None:
    """It shows what would be right."""
    with pytest.raises(StopTest, match="write for example --host"):
        _user(kind, host, [])
