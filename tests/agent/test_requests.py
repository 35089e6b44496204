"""Requests to an agent are read, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.agent.requests import RefusedError, parse_head


@given(st.text(st.characters(max_codepoint=255), max_size=80))
def test_any_head_is_a_request_or_refused(head: str) -> None:
    """Nothing else is raised."""
    try:
        request = parse_head(head + "\r\n\r\n")
    except RefusedError:
        return
    assert request.target.startswith("/")


@pytest.mark.parametrize(
    ("version", "connection", "keeps"),
    [
        ("HTTP/1.1", "", True),
        ("HTTP/1.1", "Connection: Close\r\n", False),
        ("HTTP/1.0", "", False),
        ("HTTP/1.0", "Connection: keep-alive\r\n", True),
    ],
)
def test_a_connection_is_kept_as_it_asks(version: str, connection: str, keeps: bool) -> None:
    """By the rules of each version."""
    assert (
        parse_head(
            f"GET / {version}\r\n{connection}\r\n\r\n".replace("\r\n\r\n\r\n", "\r\n\r\n")
        ).keeps
        is keeps
    )


@pytest.mark.parametrize(
    ("field", "shows"),
    [
        ("Authorization: Bearer right", True),
        ("authorization: bearer  right ", True),
        ("Authorization: Basic right", False),
        ("Authorization: Bearer wrong", False),
        ("Authorization: Bearer ri\xffht", False),
        ("X-Authorization: Bearer right", False),
    ],
)
def test_the_token_is_the_bearer_s(field: str, shows: bool) -> None:
    """Whole, and in the field that is for it."""
    assert parse_head(f"GET / HTTP/1.1\r\n{field}\r\n\r\n").shows("right") is shows
