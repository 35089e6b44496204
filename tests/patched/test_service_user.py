"""A service user measures what it calls and lives through what it raises."""

from __future__ import annotations

import time
from typing import Any

import pytest
from locust.env import Environment
from locust.exception import StopUser

from reli.users import KINDS, ServiceUser


class _Probe(ServiceUser):
    abstract = True
    request_type = "PROBE"


@pytest.fixture
def heard() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def user(heard: list[dict[str, Any]]) -> ServiceUser:
    environment = Environment()
    environment.events.request.add_listener(lambda **request: heard.append(request))
    return _Probe(environment)


def test_a_call_is_measured_and_returns_its_result(
    user: ServiceUser, heard: list[dict[str, Any]]
) -> None:
    """The time is that of the call, in milliseconds, under the class's request type."""
    began = time.perf_counter()
    assert user.call("sum", sum, [1, 2]) == 3
    whole_ms = (time.perf_counter() - began) * 1000
    (request,) = heard
    assert (request["request_type"], request["name"]) == ("PROBE", "sum")
    assert request["exception"] is None
    assert 0 < request["response_time"] <= whole_ms


def test_an_exception_is_a_failure_and_ends_there(
    user: ServiceUser, heard: list[dict[str, Any]]
) -> None:
    """The load goes on: a call answers None, a block ends early."""
    assert user.call("int", int, "x") is None
    with user.measure("block"):
        raise KeyError("gone")
    assert [type(request["exception"]) for request in heard] == [ValueError, KeyError]


def test_what_steers_locust_passes_through(user: ServiceUser, heard: list[dict[str, Any]]) -> None:
    """StopUser and its kin are not failures of the service."""
    with pytest.raises(StopUser), user.measure("block"):
        raise StopUser
    assert heard == []


def test_without_a_service_the_user_says_so(user: ServiceUser) -> None:
    """A locustfile that forgot its service gets a sentence."""
    with pytest.raises(AttributeError, match=r"install\(..., service=...\)"):
        _ = user.service


def test_a_kind_is_registered_once() -> None:
    """A second kind of the same name is refused."""
    assert KINDS.get("service") is ServiceUser
    with pytest.raises(ValueError, match="registered twice"):
        KINDS.register("service", ServiceUser)
