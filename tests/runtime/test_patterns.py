"""What many names have in common is found, also when nobody knows what varies."""

from __future__ import annotations

import random
import uuid
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reli.patterns import largest_family

DRAW = random.Random(5)


def _token() -> str:
    return urlsafe_b64encode(DRAW.randbytes(24)).decode()


def _word() -> str:
    return "".join(DRAW.choices("abcdefghij", k=7))


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        (lambda n: f"GET /users/{n}/orders", "GET /users/*/orders"),
        (lambda n: f"GET /v2/users/{n}", "GET /v2/users/*"),
        (lambda n: f"POST /a?id={n}&page={n % 7}", "POST /a?id=*&page=*"),
        (lambda _n: f"GET /o/{uuid.UUID(bytes=DRAW.randbytes(16))}", "GET /o/*"),
        (lambda _n: f"GET /session/{_token()}", "GET /session/*"),
        (lambda n: f"GET /blob/{sha256(b'%d' % n).hexdigest()}", "GET /blob/*"),
        (lambda n: f"GET /mail/bob.{n}@example.com/inbox", "GET /mail/*/inbox"),
        (lambda _n: f"GET /search/{_word()}", "GET /search/*"),
        (lambda n: f"Timeout: after {n / 7:.4f} s", "Timeout: after * s"),
        (lambda n: f"KeyError: 'user_{n}'", "KeyError: 'user_*'"),
        (lambda n: f"E: <Conn object at 0x7f{n:06x}>", "E: <Conn object at *>"),
    ],
)
def test_a_family_is_named_by_what_its_members_share(text: object, pattern: str) -> None:
    """Ids, hashes, tokens, times and words that vary become a star; what is constant stays."""
    assert callable(text)
    others = ["GET /", "GET /health", "POST /login"]
    family = largest_family([*map(text, range(97)), *others])
    assert family is not None
    assert family.pattern == pattern
    assert 95 <= family.size <= 97, "now and then a random token looks like a word"


def test_what_has_nothing_in_common_has_no_pattern() -> None:
    """A pattern that holds for a handful among many explains nothing."""
    assert largest_family([_word() for _ in range(200)]) is None
    assert largest_family(["GET /only"]) is None
    assert largest_family([]) is None


@given(st.lists(st.text(max_size=300), max_size=30))
def test_any_text_is_safe(texts: list[str]) -> None:
    """Whatever the names hold, the family is one of them and never larger than all."""
    family = largest_family(texts)
    assert family is None or 2 <= family.size <= len(texts)


def test_long_texts_are_compared_by_their_beginning() -> None:
    """Names of any length cost no more than short ones."""
    family = largest_family(["GET /q/" + "1a@+" * 100_000 for _ in range(20)])
    assert family is not None
    assert len(family.pattern) <= 200
