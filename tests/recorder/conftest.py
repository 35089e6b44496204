"""What tests of the recorder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.recorders import RecorderUnderTest, Start


@pytest.fixture
def recorders() -> Iterator[Start]:
    """Starts recorders and leaves none behind."""
    started: list[RecorderUnderTest] = []

    def start(parent: Path, **changes: Any) -> RecorderUnderTest:
        started.append(RecorderUnderTest(parent, **changes))
        return started[-1]

    yield start
    for recorder in started:
        recorder.close()
