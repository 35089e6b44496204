"""Tests in here import Locust, which patches the process: pytest runs them apart."""

from collections.abc import Iterator

import locust  # noqa: F401 -- before anything else takes what it patches
import pytest

from support.lean_users import LeanClient


@pytest.fixture
def lean_client() -> Iterator[LeanClient]:
    """Makes clients of ``LeanHttpUser``; they end with the test."""
    made = LeanClient()
    yield made
    made.close()
